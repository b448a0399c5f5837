/** The catalogue of messages that ships with uplink, as a type argument. */
import { expectTypeOf, it } from 'vitest'
import { type Catalogue, type Message, type Trade, type Uplink } from 'uplink'

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
