/** The catalogue of messages that ships with uplink, as a type argument. */
import { expectTypeOf, it } from 'vitest'
import { type Catalogue, type ConnectionStatusProps, type Message, type Trade, type Uplink, type UplinkProviderProps, type UplinkTarget } from 'uplink'

declare const uplink: Uplink<Catalogue>

it('types trades by name and by prefix, and agents by channel', () => {
  uplink.subscribe('TRADE_OPENED', (trade, message) => {
    expectTypeOf(trade).toEqualTypeOf<Trade>()
    expectTypeOf(message).toEqualTypeOf<Message<Trade>>()
  })
  uplink.subscribe('TRADE_*', (trade) => expectTypeOf(trade).toEqualTypeOf<Trade>())
  uplink.channel('agents').onMessage(({ agentId }) => expectTypeOf(agentId).toEqualTypeOf<string>())
  // @ts-expect-error: a trade has no such field.
  uplink.subscribe('TRADE_OPENED', (trade) => trade.colour)
})

it('is taken by the provider, by hooks and by components, whatever its schema', () => {
  expectTypeOf<Uplink<Catalogue>>().toExtend<UplinkProviderProps['uplink']>()
  expectTypeOf<Uplink<Catalogue>>().toExtend<UplinkTarget>()
  expectTypeOf<Uplink<Catalogue>>().toExtend<NonNullable<ConnectionStatusProps['uplink']>>()
})
