/** `uplink/fallback`: the data of channels by polling, while the socket cannot bring it. */
export { poll } from './poll.ts'
export type { PollAnswer, PolledMessage } from './answer.ts'
export type { CachedValue, PollCache, PollOptions, PollRequest, PollResult } from './options.ts'
