/** The last value of a channel, kept beyond the page by what the user gives. What that does wrong costs a report. */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { Platform } from '../engine/platform.ts'
import type { ChannelParams } from '../protocol/message.ts'
import type { CachedValue, PollCache } from './options.ts'

/** Keeps the last value of one channel. */
export interface Kept {
  /** Gives what was kept, if anything. */
  ask(told: (value: CachedValue) => void): void
  /** There is a newer value. */
  note(data: unknown): void
  /** Writes down what is not yet. */
  flush(): void
}

/** A channel is written down at most this often. */
const WRITE_EVERY_MS = 5_000

/** Makes what keeps a channel. */
export function createKept(cache: PollCache, channel: string, params: ChannelParams | undefined, platform: Platform, report: (error: UplinkError) => void): Kept {
  let unwritten: CachedValue | undefined
  let writtenAt = -Infinity
  let hasFailed = false

  function failed(thrown: unknown): void {
    if (hasFailed) return
    hasFailed = true
    report(new UplinkError('UPLINK_LISTENER_FAILED', `channel "${channel}": the cache of the fallback failed: ${messageOf(thrown)}`, { channel, cause: thrown, severity: 'warning' }))
  }

  function flush(): void {
    if (unwritten === undefined) return
    const value = unwritten
    unwritten = undefined
    writtenAt = platform.now()
    new Promise<void>((resolve) => resolve(cache.set(channel, params, value))).catch(failed)
  }

  return {
    ask(told) {
      new Promise<CachedValue | undefined | null>((resolve) => resolve(cache.get(channel, params))).then((value) => {
        if (value === undefined || value === null) return
        if (typeof value !== 'object' || !('data' in value) || !Number.isFinite(value.at)) throw new Error('get() gave something else than {data, at}')
        told(value)
      }).catch(failed)
    },
    note(data) {
      unwritten = { data, at: platform.time() }
      if (platform.now() - writtenAt >= WRITE_EVERY_MS) flush()
    },
    flush,
  }
}
