/**
 * One stream on its way from the broker to the hub: in order, without a hole, and no faster than its channel
 * allows. What the broker loses is read from its history; what that does not hold any more is told.
 */
import type { HubInput } from '../effects.ts'
import { type Entry, type History, conflate } from '../stream.ts'
import type { Clock } from './clock.ts'

/** How the messages of a channel are passed on. */
export interface Pace {
  /** In so many ms only the newest message of every key is passed on; 0 passes on all. */
  readonly throttleMs: number
  /** Messages of so many ms become one frame; 0: those of one turn of the event loop. */
  readonly batchMs: number
}

/** What a feed needs. */
export interface FeedHost {
  readonly clock: Clock
  tell(input: HubInput): void
  /** Reads everything after a place. Rejects while the broker is away. */
  read(stream: string, position: { readonly epoch: string; readonly offset: number }): Promise<History>
  /** A batch is on its way; its oldest message was published then, epoch ms. */
  sent(publishedAt: number): void
  /** Messages of a broker were missing, and were found or not. */
  repaired(isWhole: boolean): void
}

/** A stream that somebody follows. */
export interface Feed {
  /** Where the stream stood when it began to be followed. */
  begin(position: { readonly epoch: string; readonly offset: number } | null): void
  published(epoch: string, entry: Entry, publishedAt: number): void
  reset(epoch: string): void
  /** The broker says that the stream stands here, or is gone: what is missing is fetched. */
  verify(position: { readonly epoch: string; readonly offset: number } | null): void
  stop(): void
}

/** Frames to clients hold so many characters at most, where they hold several messages. */
const BATCH_MOST = 65_536
/** What comes while a hole is mended is kept up to here; what is more is read again. */
const HELD_MOST = 10_000
const REPAIR_AGAIN_MS = 1_000

/** What came while nothing could be taken; without an entry, that the stream was begun anew. */
interface Held {
  readonly epoch: string
  readonly entry: Entry | null
  readonly publishedAt: number
}

/** Makes a feed; what comes before `begin` waits. */
export function createFeed(stream: string, pace: Pace, host: FeedHost): Feed {
  const { clock } = host
  let epoch = ''
  let top = 0
  let pending: Entry[] = []
  let pendingSince = 0
  let held: Held[] | null = []
  let timer: unknown
  let mending: unknown
  let isSoon = false
  let flushedAt = -Infinity
  let isStopped = false

  function flush(): void {
    isSoon = false
    if (isStopped || pending.length === 0) return
    const entries = pace.throttleMs > 0 ? conflate(pending) : pending
    pending = []
    flushedAt = clock.now()
    let size = 0
    let first = 0
    entries.forEach((entry, index) => {
      if (size > 0 && size + entry.text.length > BATCH_MOST) {
        host.tell({ type: 'published', stream, epoch, entries: entries.slice(first, index) })
        first = index
        size = 0
      }
      size += entry.text.length
    })
    host.tell({ type: 'published', stream, epoch, entries: first === 0 ? entries : entries.slice(first) })
    host.sent(pendingSince)
  }

  function schedule(): void {
    if (isSoon || timer !== undefined) return
    const waitMs = Math.max(pace.batchMs, flushedAt + pace.throttleMs - clock.now())
    if (waitMs > 0) {
      // Not at once: what other streams have for the same clients in this turn goes out with it.
      timer = clock.setTimer(() => {
        timer = undefined
        isSoon = true
        clock.soon(flush)
      }, waitMs)
    }
    else {
      isSoon = true
      clock.soon(flush)
    }
  }

  function flushNow(): void {
    clock.clearTimer(timer)
    timer = undefined
    flush()
  }

  /** Another epoch: what is left of the old one goes out first. */
  function begunAnew(newEpoch: string, offset: number): void {
    flushNow()
    epoch = newEpoch
    top = offset
    host.tell({ type: 'reset', stream, epoch })
  }

  function take({ epoch: itsEpoch, entry, publishedAt }: Held): void {
    if (itsEpoch !== epoch) begunAnew(itsEpoch, entry === null ? 0 : entry.from - 1)
    if (entry === null) return
    if (entry.offset <= top) return
    if (entry.from > top + 1) return mend()
    if (pending.length === 0) pendingSince = publishedAt
    pending.push(entry)
    top = entry.offset
    schedule()
  }

  function mend(): void {
    held ??= []
    host.read(stream, { epoch, offset: top }).then(
      (history) => { if (!isStopped) found(history) },
      // Whoever says that the broker is back asks for the newest positions as well; this is for a failure on its own.
      () => { if (!isStopped) mending = clock.setTimer(mend, REPAIR_AGAIN_MS) },
    )
  }

  function found({ epoch: itsEpoch, top: newest, recovered, entries }: History): void {
    host.repaired(recovered && itsEpoch === epoch)
    if (itsEpoch !== epoch) {
      forgetBefore(itsEpoch)
      begunAnew(itsEpoch, newest)
    } else if (recovered) for (const entry of entries) take({ epoch, entry, publishedAt: clock.time() })
    else {
      flushNow()
      top = Math.max(top, newest)
      host.tell({ type: 'missed', stream })
    }
    release()
  }

  /** An epoch never comes back: of what is held, nothing counts that came before the one which holds now, nor what is of the one before. */
  function forgetBefore(itsEpoch: string): void {
    const first = held?.findIndex((one) => one.epoch === itsEpoch) ?? -1
    held = (first < 0 ? held?.filter((one) => one.epoch !== epoch) : held?.slice(first)) ?? null
  }

  /** Takes what came meanwhile. A new hole in it begins a new repair, which holds the rest back again. */
  function release(): void {
    const waiting = held ?? []
    held = null
    for (const [index, one] of waiting.entries()) {
      take(one)
      if (held !== null) {
        held = waiting.slice(index)
        return
      }
    }
  }

  return {
    begin(position) {
      const [first] = held ?? []
      if (position !== null) {
        forgetBefore(position.epoch)
        epoch = position.epoch
        top = position.offset
      } else if (first !== undefined) {
        epoch = first.epoch
        top = first.entry === null ? 0 : first.entry.from - 1
      }
      release()
    },
    published(itsEpoch, entry, publishedAt) {
      const one = { epoch: itsEpoch, entry, publishedAt }
      if (held === null) return epoch === '' ? begunFirst(one) : take(one)
      if (held.length < HELD_MOST) held.push(one)
      return undefined
    },
    reset(itsEpoch) {
      const one = { epoch: itsEpoch, entry: null, publishedAt: 0 }
      if (held === null) return take(one)
      // It is told in its place; where there is no room for that, it is worth more than what it voids.
      if (held.length >= HELD_MOST) held.length = 0
      return void held.push(one)
    },
    verify(position) {
      if (held !== null) return
      // A stream that is gone begins anew by being read.
      if (position === null) return epoch === '' ? undefined : mend()
      if (position.epoch === epoch && position.offset <= top) return
      if (epoch === '') {
        epoch = position.epoch
        top = 0
      }
      mend()
    },
    stop() {
      isStopped = true
      clock.clearTimer(timer)
      clock.clearTimer(mending)
    },
  }

  /** The first message of a stream that did not exist when it began to be followed. */
  function begunFirst(one: Held): void {
    epoch = one.epoch
    top = 0
    take(one)
  }
}
