/** What everything that follows a market works with, and small tools of it. */
import { UplinkError } from '../../core/errors.ts'
import type { ChannelLease } from '../../engine/channel-lease.ts'
import type { Platform } from '../../engine/platform.ts'
import type { Uplink } from '../../store/create-uplink.ts'
import type { Scheduler } from '../../store/scheduler.ts'
import type { BookRules } from '../book/sequence.ts'
import type { MarketSource } from '../values.ts'
import type { MarketRest } from './rest-interface.ts'

/** The part of an uplink that is used. */
export type MarketUplink = Pick<Uplink, 'channel' | 'scheduler' | 'platform' | 'report' | 'getState' | 'subscribe' | 'on' | 'reconnect' | 'latency' | 'stats' | 'lease'>

/** What feeds work with. */
export interface FeedHost {
  readonly uplink: MarketUplink
  readonly platform: Platform
  readonly scheduler: Scheduler
  readonly rest: MarketRest | undefined
  readonly rules: BookRules
  readonly bookLimit: number
  /** Told of what listeners throw. */
  report(thrown: unknown): void
  /** Told of what goes wrong with data; counted, and told to the uplink's listeners. */
  fault(error: UplinkError): void
  /** A message of a stream came. */
  heard(): void
  /** Something is followed, which keeps the uplink connected, until the returned function is called; `end` is called where that is over first. */
  opened(end: () => void): () => void
}

/** Where what a channel brings comes from. */
export function sourceOf(lease: ChannelLease): MarketSource {
  return lease.snapshot().source ?? 'live'
}

/** Whether a channel brings data at present, by whichever way. */
export function isFlowing(lease: ChannelLease): boolean {
  const { status, source = 'live' } = lease.snapshot()
  return source === 'fallback' || (source === 'live' && (status === 'live' || status === 'catchingUp'))
}

/** Tells when a channel begins to bring data, and when that ends. */
export function onFlow(lease: ChannelLease, listener: (flows: boolean) => void): void {
  let flowed = isFlowing(lease)
  lease.onStatus(() => {
    const flows = isFlowing(lease)
    if (flows === flowed) return
    flowed = flows
    listener(flows)
  })
}

/** Candles or trades of a stream that are missing. */
export function missing(stream: string, what: string, cause?: unknown): UplinkError {
  return new UplinkError('UPLINK_CHANNEL_GAP', `stream "${stream}": ${what}`, { severity: 'warning', channel: stream, cause })
}

/** A message that is not what the stream is documented to carry. */
export function invalidMessage(stream: string, what: string): UplinkError {
  return new UplinkError('UPLINK_MESSAGE_INVALID', `stream "${stream}": ${what}`, { severity: 'warning', channel: stream })
}

/** Whether a value is an object whose fields may be read. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
