/**
 * Trades in order, none twice. Their ids have no holes, so a hole is seen at once: later trades wait while REST
 * brings what is missing. What it cannot bring is said, in `error`, as long as the place is in the list.
 */
import { UplinkError } from '../../core/errors.ts'
import { readQuantity } from '../book/decimal.ts'
import type { AggTrade } from '../values.ts'
import { type Feed, createFeed } from './feed.ts'
import { type FeedHost, invalidMessage, isFlowing, isRecord, sourceOf } from './host.ts'

/** Most trades that one request brings. */
const PAGE = 1_000

/** Most that are fetched for one hole: who was away for longer wants to see the present. */
const FILL_MOST = 5_000

/** Most trades that wait for what is missing before them. */
const HELD_MOST = 5_000

/** The trade of an `aggTrade` event; a text where it is none. */
function readTrade(data: unknown): AggTrade | string {
  if (!isRecord(data)) return 'no trade'
  const { a, p, q, T, m } = data
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(T) || typeof m !== 'boolean') return 'a trade without id or time'
  if (Number.isNaN(readQuantity(p)) || Number.isNaN(readQuantity(q))) return `trade ${String(a)} has no price or quantity`
  return { id: a as number, price: p as string, quantity: q as string, time: T as number, isBuyerMaker: m }
}

/** Makes the feed of trades; it keeps the last `limit`, and tells subscribers the new ones. `symbol` is upper case. */
export function createTradesFeed(host: FeedHost, symbol: string, limit: number): Feed<readonly AggTrade[]> {
  const { uplink, rest } = host
  const stream = `${symbol.toLowerCase()}@aggTrade`
  let list: readonly AggTrade[] = []
  let fresh: readonly AggTrade[] = []

  return createFeed<readonly AggTrade[]>(host, {
    read: () => (list.length === 0 ? null : list),
    news: () => fresh,
    open(writer) {
      const lease = uplink.channel(stream)
      let held: AggTrade[] = []
      let filling: AbortController | undefined
      /** The first trade after a hole that stays. */
      let holeBefore: number | null = null
      let flowed = isFlowing(lease)

      function append(trades: readonly AggTrade[], from: 'live' | 'fallback' | 'cache'): void {
        const last = list.at(-1)?.id ?? -1
        fresh = trades.filter(({ id }) => id > last)
        if (fresh.length === 0) return
        list = [...list, ...fresh].slice(-limit)
        if (holeBefore !== null && (list[0]?.id ?? 0) >= holeBefore) {
          holeBefore = null
          writer.fault(null)
        }
        writer.touch(from)
        fresh = []
      }

      /** Lets go what was held; what is still missing before it is said. */
      function release(error: UplinkError | null): void {
        const [first] = held
        const last = list.at(-1)
        filling = undefined
        if (first !== undefined && last !== undefined && first.id > last.id + 1) {
          holeBefore = first.id
          const cause = error === null ? 'too many to fetch' : error.message
          const gap = new UplinkError('UPLINK_CHANNEL_GAP', `stream "${stream}": trades ${last.id + 1} to ${first.id - 1} are missing: ${cause}`, { severity: 'warning', channel: stream, cause: error })
          host.fault(gap)
          fresh = []
          writer.fault(gap)
        }
        const trades = held
        held = []
        append(trades, sourceOf(lease))
      }

      async function fill(): Promise<void> {
        const mine = new AbortController()
        filling = mine
        let fetched = 0
        try {
          for (;;) {
            const last = list.at(-1)?.id
            const page = await rest?.aggTrades({ symbol, limit: last === undefined ? limit : PAGE, ...(last === undefined ? {} : { fromId: last + 1 }) }, mine.signal) ?? []
            if (filling !== mine) return
            fetched += page.length
            append(page, 'fallback')
            const reached = held[0] !== undefined && (list.at(-1)?.id ?? 0) >= held[0].id - 1
            if (reached || last === undefined || page.length < PAGE || fetched >= FILL_MOST) return release(null)
          }
        } catch (thrown) {
          if (filling === mine) release(thrown as UplinkError)
        }
      }

      lease.onStatus(() => {
        const flows = isFlowing(lease)
        if (flows === flowed) return
        flowed = flows
        if (!flows) return writer.demote()
        // Where nothing is traded any more, no later trade would say that some are missing.
        if (rest !== undefined && filling === undefined) void fill()
      })
      lease.onMessage((data) => {
        host.heard()
        // A poll brings several.
        for (const one of Array.isArray(data) ? data : [data]) {
          const trade = readTrade(one)
          if (typeof trade === 'string') {
            host.fault(invalidMessage(stream, trade))
            continue
          }
          const last = list.at(-1)?.id
          if (filling !== undefined) {
            held.push(trade)
            if (held.length > HELD_MOST) held.shift()
          } else if (last === undefined || trade.id === last + 1 || rest === undefined) {
            held = [trade]
            release(null)
          } else if (trade.id > last) {
            held = [trade]
            void fill()
          }
        }
      })
      // History first, or what one had before; then what comes.
      if (rest !== undefined) void fill()
      return () => {
        filling?.abort()
        filling = undefined
        lease.release()
      }
    },
  })
}
