/** Types that have to hold; `npm run typecheck` reads this file, nothing runs it. */
import { type Catalogue, type Message, type Trade, createUplink, useChannel } from 'uplink'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <Claim extends true>(): Claim | undefined => undefined

const uplink = createUplink<Catalogue>({ url: 'wss://example.com' })
uplink.subscribe('TRADE_OPENED', (trade, message) => {
  holds<Same<typeof trade, Trade>>()
  holds<Same<typeof message, Message<Trade>>>()
})
uplink.subscribe('TRADE_*', (trade) => holds<Same<typeof trade, Trade>>())
uplink.subscribe('SOMETHING_ELSE', (data) => holds<Same<typeof data, unknown>>())
uplink.subscribe((message) => message.channel === 'x', (data) => holds<Same<typeof data, unknown>>())
uplink.subscribe((state, previous) => [state.state, previous.attempt])
uplink.channel('agents').onMessage((data) => holds<Same<typeof data.status, 'idle' | 'running' | 'paused' | 'stopped' | 'error'>>())

// @ts-expect-error a trade has no such field
uplink.subscribe('TRADE_OPENED', (trade) => trade.colour)
// @ts-expect-error jitter is one of three words
createUplink({ url: 'wss://example.com', jitter: 'some' })
// @ts-expect-error a URL is needed
createUplink({})

/** Hooks infer what they return from what they are given. */
export function hooks(): void {
  const latest = useChannel<{ price: number }>('btc')
  holds<Same<typeof latest.data, { price: number } | undefined>>()
  const list = useChannel<number>('trades', { buffer: 10 })
  holds<Same<typeof list.data, readonly number[]>>()
  const sum = useChannel<number, number>('trades', { initial: 0, reduce: (total, data) => total + data })
  holds<Same<typeof sum.data, number>>()
}
