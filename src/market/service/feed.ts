/**
 * One thing that is followed: a ticker, a series of candles, trades, a book. It is opened by the first who follows and
 * closed after the last; its value stays, as `cache`. Subscribers hear every update at once; what renders reads a
 * store that is set once a flush.
 */
import { createStore } from 'zustand/vanilla'
import type { UplinkError } from '../../core/errors.ts'
import { createListeners, deliver, listenTo } from '../../engine/listeners.ts'
import type { ReadableStore } from '../../store/sampled-store.ts'
import type { MarketResult, MarketSource } from '../values.ts'
import type { FeedHost } from './host.ts'

/** What follows. */
export interface Feed<State, News = State> {
  /** What is known now. */
  result(): MarketResult<State>
  /** Hears every update, at once, until the returned function is called. */
  subscribe(listener: (result: MarketResult<News>) => void): () => void
  /** What renders; following it keeps the feed open. */
  readonly store: ReadableStore<MarketResult<State>>
  isOpen(): boolean
}

/** How what brings the data writes it. */
export interface FeedWriter {
  /** The data is new, or known to be current still. `at` is monotonic ms. @default now */
  touch(source: MarketSource, at?: number): void
  /** Something is wrong; the data stays. `null` when it is mended. */
  fault(error: UplinkError | null): void
  /** What is known is from before: the source is gone. */
  demote(): void
  /** Whether anybody would read it now. */
  isHeard(): boolean
}

/** How a feed gets its data. */
export interface FeedParts<State, News> {
  /** What is known; cheap, since it is asked for when somebody reads. */
  read(): State | null
  /** What subscribers get, where that is not all that is known. */
  news?(): News | null
  /** Starts; the returned function stops. */
  open(writer: FeedWriter): () => void
}

/** Makes a feed. */
export function createFeed<State, News = State>(host: FeedHost, parts: FeedParts<State, News>): Feed<State, News> {
  const { platform, scheduler, report } = host
  const listeners = createListeners<MarketResult<News>, undefined>()
  let source: MarketSource = 'cache'
  let at: number | null = null
  let error: UplinkError | null = null
  let close: (() => void) | undefined
  let shown = 0
  let isDue = false

  function resultOf<Data>(data: Data | null, now: number, time: number): MarketResult<Data> {
    const age = data === null || at === null ? null : Math.max(0, now - at)
    return { data, source: data === null ? 'cache' : source, age, updatedAt: age === null ? null : Math.round(time - age), error }
  }

  const result = (): MarketResult<State> => resultOf(parts.read(), platform.now(), platform.time())
  const store = createStore<MarketResult<State>>(() => ({ data: null, source: 'cache', age: null, updatedAt: null, error: null }))

  function show(now: number, time: number): void {
    isDue = false
    store.setState(resultOf(parts.read(), now, time), true)
  }

  function changed(): void {
    if (!isDue && shown > 0) {
      isDue = true
      scheduler.request(show)
    }
    if (listeners.entries.length === 0) return
    const news = parts.news === undefined ? (parts.read() as News | null) : parts.news()
    deliver(listeners, resultOf(news, platform.now(), platform.time()), undefined, report)
  }

  const writer: FeedWriter = {
    touch(from, when = platform.now()) {
      source = from
      at = when
      changed()
    },
    fault(next) {
      if (next === null && error === null) return
      error = next
      changed()
    },
    demote() {
      if (source === 'cache') return
      source = 'cache'
      changed()
    },
    isHeard: () => shown > 0 || listeners.entries.length > 0,
  }

  function open(): () => void {
    const closed = host.opened(end)
    const stop = parts.open(writer)
    return () => {
      stop()
      closed()
    }
  }

  function follow(): () => void {
    close ??= open()
    let held = true
    return () => {
      if (!held) return
      held = false
      if (!writer.isHeard()) shut()
    }
  }

  function shut(): void {
    const stop = close
    close = undefined
    stop?.()
    source = 'cache'
    error = null
    scheduler.cancel(show)
    show(platform.now(), platform.time())
  }

  /** For good, whoever still follows. */
  function end(): void {
    listeners.entries = []
    shut()
  }

  return {
    result,
    isOpen: () => close !== undefined,
    subscribe(listener) {
      const forget = listenTo(listeners, listener)
      const release = follow()
      // What is known already is said at once, or a quiet symbol would say nothing for long.
      if (parts.news === undefined && parts.read() !== null) deliver({ entries: [{ call: listener, live: true, failed: false }] }, result() as unknown as MarketResult<News>, undefined, report)
      return () => {
        forget()
        release()
      }
    },
    store: {
      getState: store.getState,
      getInitialState: store.getInitialState,
      subscribe(listener) {
        const forget = store.subscribe(listener)
        shown++
        const release = follow()
        if (shown === 1) show(platform.now(), platform.time())
        let held = true
        return () => {
          if (!held) return
          held = false
          shown--
          forget()
          release()
        }
      },
    },
  }
}
