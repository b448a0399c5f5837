/**
 * Feeds a local order book: updates from the stream, snapshots from REST, anew after every fault. What cannot be
 * trusted is not shown as live: the last view that could stays, as `cache`, with the error.
 */
import { UplinkError, isUplinkError, messageOf } from '../../core/errors.ts'
import type { ChannelLease } from '../../engine/channel-lease.ts'
import type { TimerHandle } from '../../engine/platform.ts'
import { type BookFault, type BookView, type DepthSnapshot, type DepthUpdate, createOrderBook } from '../book/order-book.ts'
import type { MarketSource } from '../values.ts'
import { createAttempts } from './attempts.ts'
import { bookCode, isBookFault } from './book-codes.ts'
import { type Feed, type FeedWriter, createFeed } from './feed.ts'
import { type FeedHost, isFlowing, isRecord, onFlow } from './host.ts'

/** So long without an update after a start, or after an outage, REST is asked: the symbol is quiet, or the stream is not there. */
const QUIET_MS = 1_500

/** A feed of a book that shows as many levels as the deepest of its readers wants. */
export interface BookFeed extends Feed<BookView> {
  /** From now on at least so many levels a side. */
  deepen(depth: number): void
}

/** Makes the feed of a book; `symbol` is upper case. */
export function createBookFeed(host: FeedHost, symbol: string): BookFeed {
  const { uplink, platform, rest, rules, bookLimit } = host
  const stream = `${symbol.toLowerCase()}@depth@100ms`
  const book = createOrderBook({ rules, symbol })
  let depth = 1
  let view: BookView | null = null
  let viewedAt = 0
  /** The book has changed since it was viewed. Views are made when somebody reads. */
  let isDirty = false

  function look(): BookView | null {
    if (!isDirty || !book.isLive()) return view
    isDirty = false
    viewedAt = platform.now()
    view = book.view(depth)
    return view
  }

  function openBook(writer: FeedWriter): () => void {
    const lease: ChannelLease = uplink.channel(stream)
    /** The book is a poll's; the stream does not follow on it. */
    let isPolled = false

    function tell(verdict: BookFault | 'repeated'): UplinkError {
      const reason = verdict === 'repeated' ? 'an update came twice' : book.reason()
      const error = new UplinkError(bookCode(verdict), `order book ${symbol}: ${reason}`, { severity: 'warning', channel: stream })
      host.fault(error)
      return error
    }

    function touch(source: MarketSource): void {
      isDirty = true
      writer.touch(source)
    }

    /** The book is not sure any more; what was seen of it last stays, with its own age. */
    function doubt(error: UplinkError | null): void {
      if (view !== null) writer.touch('cache', viewedAt)
      if (error !== null) writer.fault(error)
    }

    const syncing = createAttempts(platform, async (signal) => {
      let error: UplinkError
      try {
        if (rest === undefined) throw new UplinkError('UPLINK_REST_MISSING', `order book ${symbol}: a snapshot is needed, and createMarketData() was given no rest`)
        const verdict = book.load(await rest.depth(symbol, bookLimit, signal), bookLimit)
        if (verdict === 'synced') {
          writer.fault(null)
          // Updates follow only while the stream flows; without it, this is what REST says.
          touch(isFlowing(lease) ? 'live' : 'fallback')
          return true
        }
        error = tell(verdict as BookFault)
      } catch (thrown) {
        if (signal.aborted) return true
        error = isUplinkError(thrown) ? thrown : new UplinkError('UPLINK_REST_FAILED', messageOf(thrown), { cause: thrown })
        host.fault(error)
      }
      // A live book that only wanted to see deeper is as right as before.
      if (!book.isLive()) writer.fault(error)
      return false
    })

    let quiet: TimerHandle | undefined
    function listenForQuiet(): void {
      if (quiet !== undefined) platform.clearTimer(quiet)
      quiet = platform.setTimer(() => { if (!book.isLive()) syncing.start() }, QUIET_MS)
    }

    /** A poll brings whole books, which need no sequence. */
    function polled(snapshot: DepthSnapshot): void {
      syncing.stop()
      book.clear()
      isPolled = true
      const verdict = book.load(snapshot)
      if (verdict !== 'synced') return doubt(tell(verdict as BookFault))
      writer.fault(null)
      touch('fallback')
    }

    function updated(update: DepthUpdate): void {
      if (isPolled) book.clear()
      isPolled = false
      const verdict = book.update(update)
      if (verdict === 'applied' || verdict === 'seen') {
        writer.fault(null)
        touch('live')
        if (!book.isThin(depth)) return
        book.expectSnapshot()
        syncing.start()
      } else if (verdict === 'kept') syncing.start()
      else if (verdict === 'repeated') tell(verdict)
      else if (isBookFault(verdict)) {
        doubt(tell(verdict))
        syncing.start()
      }
    }

    lease.onMessage((data) => {
      host.heard()
      if (isRecord(data) && 'lastUpdateId' in data) polled(data as unknown as DepthSnapshot)
      else updated(data as DepthUpdate)
    })
    onFlow(lease, (flows) => {
      // What comes after an outage does not follow on what was before.
      look()
      syncing.stop()
      book.clear()
      if (flows) listenForQuiet()
      else doubt(null)
    })
    listenForQuiet()
    return () => {
      look()
      platform.clearTimer(quiet)
      syncing.stop()
      book.clear()
      lease.release()
    }
  }

  return {
    ...createFeed<BookView>(host, { read: look, open: openBook }),
    deepen(wanted) {
      if (wanted <= depth) return
      depth = wanted
      isDirty = true
    },
  }
}
