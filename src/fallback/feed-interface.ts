/** What a feed is, and what it needs. Times are monotonic ms. */
import type { UplinkError } from '../core/errors.ts'
import type { Gap } from '../core/position.ts'
import type { ChannelLease, ChannelSnapshot } from '../engine/channel-lease.ts'
import type { EventListener } from '../engine/events.ts'
import type { Platform } from '../engine/platform.ts'
import type { ChannelParams, Message } from '../protocol/message.ts'
import type { Counters } from './counters.ts'
import type { ResolvedPoll } from './options.ts'
import type { Requests } from './requests.ts'
import type { Circumstances } from './schedule.ts'

/** What a feed needs of the fallback it belongs to. */
export interface FeedHost {
  readonly options: ResolvedPoll
  readonly platform: Platform
  readonly requests: Requests
  readonly counters: Counters
  /** Streams have positions, so that the engine keeps repeats out. */
  readonly resumes: boolean
  /** When channels may be polled because the socket is missing; Infinity while it is open, or nobody wants it. */
  dueAt(): number
  /** When the socket opened; Infinity while it is not open. */
  openSince(): number
  circumstances(): Omit<Circumstances, 'failures' | 'retryAfterMs'>
  report(error: UplinkError): void
  /** A good answer came: the network works, and takes so long. */
  onGood(latencyMs: number): void
  onSource: EventListener<'source'>
  onPoll: EventListener<'poll'>
  /** What the feed says of its channel has changed. */
  onShown(feed: Feed): void
  onGap(feed: Feed, gap: Gap): void
  rearm(): void
}

/** One channel, as the fallback keeps it. */
export interface Feed {
  readonly channel: string
  readonly params: ChannelParams | undefined
  /** Somebody uses the channel, by this lease. */
  attach(lease: ChannelLease): void
  /** Nobody uses it any more. */
  detach(): void
  /** What the users of the channel see. */
  snapshot(): ChannelSnapshot
  /** Whether polling brings its data now. */
  isDelayed(): boolean
  /**
   * Judges a message that the socket brings: false where it is a repeat, or waits for an answer that comes before it;
   * `confirms` where it waits, and is the only sign that the channel is served again.
   */
  admits(message: Message): boolean | 'confirms'
  /** Begins or ends polling, as things are. */
  review(): void
  /** When to review it again, and when its turn to ask is due. */
  reviewAt(): number
  turnAt(): number
  /** Writes down what is not yet: the page may go. */
  flush(): void
  /** Its turn to ask. */
  poll(): void
  /** Asks soon: what made it wait is over. */
  hurry(): void
}
