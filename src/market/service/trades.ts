/**
 * Trades in order, none twice. Their ids have no holes, so a hole is seen at once: later trades wait while REST
 * brings what is missing. What it cannot bring is said, in `error`, as long as the place is in the list.
 */
import type { UplinkError } from '../../core/errors.ts'
import type { Platform } from '../../engine/platform.ts'
import { readQuantity } from '../book/decimal.ts'
import type { AggTrade, MarketSource } from '../values.ts'
import { createAttempts } from './attempts.ts'
import { type Feed, createFeed } from './feed.ts'
import { type FeedHost, invalidMessage, isRecord, missing, onFlow, sourceOf } from './host.ts'

/** Most trades that one request brings. */
const PAGE = 1_000

/** Most that are fetched for one hole: who was away for longer wants to see the present. */
const FILL_MOST = 5_000

/** A venue's REST may be behind its streams: what it does not have yet is asked for again, so often and after so long. */
const LAG_TRIES = 3
const LAG_MS = 400

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

/** Trades after the last, in order, none twice: a network may bring them in another order, and some of them again. */
function inOrder(trades: readonly AggTrade[], last = -1): AggTrade[] {
  const byId = new Map(trades.filter(({ id }) => id > last).map((trade) => [trade.id, trade]))
  return [...byId.values()].sort((a, b) => a.id - b.id)
}

/** The first trades as far as none is missing. */
function runOf(trades: readonly AggTrade[]): readonly AggTrade[] {
  const end = trades.findIndex(({ id }, index) => id !== (trades[0]?.id ?? 0) + index)
  return end < 0 ? trades : trades.slice(0, end)
}

/** Waits, unless it is called off. */
function pause(platform: Platform, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = platform.setTimer(resolve, ms)
    signal.addEventListener('abort', () => {
      platform.clearTimer(timer)
      resolve()
    }, { once: true })
  })
}

/** Makes the feed of trades; it keeps the last `limit`, and tells subscribers the new ones. `symbol` is upper case. */
export function createTradesFeed(host: FeedHost, symbol: string, limit: number): Feed<readonly AggTrade[]> {
  const { uplink, platform, rest } = host
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
      let holeBefore = 0
      /** History, and what an outage cost: no trade that comes may say that those are missing. */
      const asking = createAttempts(platform, async () => rest === undefined || fill())

      /** Tells how REST is, unless there is a hole to tell of. */
      function tellRest(error: UplinkError | null): void {
        if ((list[0]?.id ?? 0) >= holeBefore) writer.fault(error)
      }

      /** Takes a run of trades without a hole. */
      function append(run: readonly AggTrade[], from: MarketSource): void {
        list = [...list, ...run].slice(-limit)
        tellRest(null)
        fresh = run
        writer.touch(from)
        fresh = []
      }

      /** Tells trades that are newer than the last, and says what is missing before any of them. */
      function tell(trades: readonly AggTrade[], from: MarketSource, why: string, cause?: unknown): void {
        let left = inOrder(trades, list.at(-1)?.id)
        while (left[0] !== undefined) {
          const [first, last] = [left[0], list.at(-1)]
          if (last !== undefined && first.id > last.id + 1) {
            holeBefore = first.id
            const gap = missing(stream, `trades ${last.id + 1} to ${first.id - 1} are missing: ${why}`, cause)
            host.fault(gap)
            writer.fault(gap)
          }
          const run = runOf(left)
          append(run, from)
          left = left.slice(run.length)
        }
      }

      /** Lets go what was held. What was lost while it was held is fetched as well, if the last request was of any use. */
      function release(isUseful: boolean, why: string, cause?: unknown): true {
        filling = undefined
        held = inOrder(held, list.at(-1)?.id)
        const last = list.at(-1)
        if (last === undefined || held[0]?.id === last.id + 1) {
          const run = runOf(held)
          held = held.slice(run.length)
          if (run.length > 0) append(run, sourceOf(lease))
        }
        if (held.length > 0 && isUseful) void fill()
        else {
          tell(held, sourceOf(lease), why, cause)
          held = []
        }
        return true
      }

      async function fill(): Promise<boolean> {
        const mine = new AbortController()
        filling = mine
        let fetched = 0
        let behind = 0
        try {
          for (;;) {
            const last = list.at(-1)?.id
            const page = await rest?.aggTrades({ symbol, ...(last === undefined ? { limit } : { limit: PAGE, fromId: last + 1 }) }, mine.signal) ?? []
            if (filling !== mine) return true
            tellRest(null)
            fetched += page.length
            tell(page, 'fallback', 'the venue does not have them')
            if (page.length === 0 && held.length > 0 && behind++ < LAG_TRIES) {
              await pause(platform, LAG_MS, mine.signal)
              if (filling !== mine) return true
              continue
            }
            const newest = list.at(-1)?.id ?? 0
            const reached = held.some(({ id }) => id <= newest + 1)
            if (reached || last === undefined || page.length < PAGE) return release(page.length > 0, 'the venue does not have them')
            if (fetched >= FILL_MOST) return release(false, 'too many to fetch')
          }
        } catch (thrown) {
          if (filling !== mine) return true
          const error = thrown as UplinkError
          host.fault(error)
          if (held.length > 0) return release(false, error.message, error)
          filling = undefined
          tellRest(error)
          return false
        }
      }

      onFlow(lease, (flows) => {
        if (!flows) return writer.demote()
        // Where nothing is traded any more, no later trade would say that some are missing.
        if (filling !== undefined) return
        asking.stop()
        asking.start()
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
            asking.stop()
            tell([trade], sourceOf(lease), 'there is no REST to ask')
          } else if (trade.id > last) {
            held = [trade]
            void fill()
          }
        }
      })
      // History first, or what one had before; then what comes.
      asking.start()
      return () => {
        asking.stop()
        filling?.abort()
        filling = undefined
        lease.release()
      }
    },
  })
}
