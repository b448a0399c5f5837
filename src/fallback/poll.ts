/** `poll()`: a fallback that asks a function of the user's, channel by channel. */
import type { Fallback } from '../engine/fallback-interface.ts'
import { type PollOptions, resolvePoll } from './options.ts'
import { over } from './over.ts'

/**
 * Polls the channels in use while the socket cannot bring their data: after `fallbackAfter` without one, or where a
 * channel is older than `staleAfter`. What is polled goes the way of what the socket brings (`onMessage`, `reduce`,
 * `data`, listeners by type), with `source: 'fallback'`, and ends as soon as the socket delivers again.
 *
 * Repeats are kept out by positions, where the protocol has them, and by `keyOf` or `positionOf`, where it has not.
 * One value may serve many uplinks.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`.
 * @example
 * const uplink = createUplink({
 *   url: 'wss://example.com/ws',
 *   fallback: poll({ fetch: (channel, { signal, headers }) => fetch(`/api/${channel}`, { signal, headers }) }),
 * })
 */
export function poll(options: PollOptions): Fallback {
  const resolved = resolvePoll(options)
  return { over: (create, settled) => over(create, settled, resolved) }
}
