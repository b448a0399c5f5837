/** What the compiler knows about messages, once it is told what travels on the connection. */
import { describe, expectTypeOf, it } from 'vitest'
import { type Uplink, createUplink, useChannel } from 'uplink'
import type { DataOf } from 'uplink/engine'

interface Feed {
  messages: { 'market.tick': { price: number }; 'market.halt': { reason: string }; notice: string }
  channels: { btc: { price: number } }
}

declare const typed: Uplink<Feed>

describe('an uplink that knows its messages', () => {
  it('gives a listener the data of the type that it names', () => {
    typed.subscribe('market.tick', (data) => {
      expectTypeOf(data).toEqualTypeOf<{ price: number }>()
    })
  })

  it('gives a prefix the union of what it matches', () => {
    expectTypeOf<DataOf<Feed, 'market.*'>>().toEqualTypeOf<{ price: number } | { reason: string }>()
  })

  it('types what it does not know as unknown', () => {
    expectTypeOf<DataOf<Feed, 'weather'>>().toBeUnknown()
  })

  it('keeps what it knows from where it is created', () => {
    expectTypeOf(createUplink<Feed>).returns.toEqualTypeOf<Uplink<Feed>>()
  })

  it('refuses options that do not exist', () => {
    // @ts-expect-error: the option is called heartbeatInterval.
    createUplink({ url: 'wss://example.com', heartbeatMs: 5 })
  })
})

describe('useChannel', () => {
  it('has no data before the first message, and says so', () => {
    expectTypeOf(useChannel<{ price: number }>('btc').data).toEqualTypeOf<{ price: number } | undefined>()
  })

  it('has a list where it buffers, and the fold where it reduces', () => {
    expectTypeOf(useChannel<number>('btc', { buffer: 10 }).data).toEqualTypeOf<readonly number[]>()
    expectTypeOf(useChannel<number, string>('btc', { initial: '', reduce: (all, one) => `${all}${one}` }).data).toEqualTypeOf<string>()
  })
})
