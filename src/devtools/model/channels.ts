/** What can be said of each channel from what passes on the wire: rate, position, age, where its data came from. Pure. */
import type { DataSource } from '../../engine/channel-lease.ts'
import type { Message } from '../../protocol/message.ts'

/** What the server has been asked about a channel, and has answered. `data` was seen on it unasked, as where it was joined before anybody looked. */
export type ChannelStanding = 'asked' | 'confirmed' | 'refused' | 'left' | 'lost' | 'data'

/** How its last message came: as it happened, made up for after an outage, as a snapshot, or not by the socket at all. */
export type ChannelSource = DataSource | 'recovered' | 'snapshot'

/** One channel. Times are epoch ms; changed in place, because it changes with every message. */
export interface Meter {
  readonly name: string
  standing: ChannelStanding
  /** Why the server refused it. */
  why: string | null
  messages: number
  /** Messages a second, over the last second. */
  rate: number
  countedAt: number
  lastAt: number | null
  /** How old its last message was when it came, by its own timestamp, in ms; `null` where it has none. */
  lagMs: number | null
  epoch: string | null
  offset: number | null
  /** Messages that the server had more than we, when it last said so. */
  behind: number
  source: ChannelSource | null
  /** Who brings its data at the moment. */
  by: DataSource
  /** Messages that are lost for good. */
  gaps: number
}

/** All channels; changed in place. */
export interface Meters {
  readonly byName: Map<string, Meter>
  /** Messages of channels that are too many to be told apart. */
  others: number
}

/** Channels beyond this are counted together. */
export const CHANNELS_MOST = 500

/** No channels. */
export function createMeters(): Meters {
  return { byName: new Map(), others: 0 }
}

function meterOf(meters: Meters, name: string): Meter | undefined {
  const known = meters.byName.get(name)
  if (known !== undefined || meters.byName.size >= CHANNELS_MOST) return known
  const made: Meter = {
    name, standing: 'data', why: null, messages: 0, rate: 0, countedAt: 0, lastAt: null, lagMs: null, epoch: null, offset: null, behind: 0,
    source: null, by: 'live', gaps: 0,
  }
  meters.byName.set(name, made)
  return made
}

/** Takes in a message that was delivered at `at`. Runs for every message. `parseTime` reads ISO 8601 as epoch ms. */
export function noteMessage(meters: Meters, message: Message, at: number, parseTime: (text: string) => number): void {
  const { channel, offset, timestamp } = message
  if (channel === undefined) return
  const meter = meterOf(meters, channel)
  if (meter === undefined) {
    meters.others++
    return
  }
  meter.messages++
  meter.lastAt = at
  if (offset !== undefined) meter.offset = offset
  // What came before the last outage says nothing about a channel that is being caught up with.
  const isBehind = meter.behind > 0
  if (isBehind) meter.behind--
  meter.source = meter.by !== 'live' ? meter.by : message.type === 'snapshot' ? 'snapshot' : isBehind ? 'recovered' : 'live'
  if (meter.by === 'live' && (meter.standing === 'asked' || meter.standing === 'lost')) meter.standing = 'data'
  const age = at - (typeof timestamp === 'string' ? parseTime(timestamp) : (timestamp ?? Number.NaN))
  meter.lagMs = Number.isFinite(age) ? age : null
}

type Fields = Readonly<Record<string, unknown>>

function namesOf(frame: Fields): string[] {
  const list = Array.isArray(frame['channels']) ? (frame['channels'] as unknown[]) : [frame['channel']]
  return list.flatMap((one) => {
    const name = typeof one === 'object' && one !== null ? (one as Fields)['channel'] : one
    return typeof name === 'string' ? [name] : []
  })
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)

function confirm(meter: Meter, frame: Fields): void {
  const [offset, top] = [numberOf(frame['offset']), numberOf(frame['top'])]
  meter.standing = 'confirmed'
  meter.why = null
  meter.epoch = typeof frame['epoch'] === 'string' ? frame['epoch'] : meter.epoch
  meter.offset = offset ?? meter.offset
  meter.behind = offset !== null && top !== null ? Math.max(0, top - offset) : 0
}

/** Takes in what client and server say to each other about channels. */
export function noteControl(meters: Meters, type: string, message: Message): void {
  const frame = message as unknown as Fields
  for (const name of namesOf(frame)) {
    const meter = meterOf(meters, name)
    if (meter === undefined) continue
    switch (type) {
      case 'subscribe':
        meter.standing = 'asked'
        break
      case 'subscription_confirmed':
        confirm(meter, frame)
        break
      case 'unsubscribe':
      case 'unsubscription_confirmed':
        meter.standing = 'left'
        break
      case 'error':
        meter.standing = 'refused'
        meter.why = String(frame['message'] ?? frame['code'] ?? 'refused')
        break
      default:
    }
  }
}

/** Somebody else brings the data of a channel now. */
export function noteSource(meters: Meters, channel: string, by: DataSource): void {
  const meter = meterOf(meters, channel)
  if (meter !== undefined) meter.by = by
}

/** The connection is gone, and with it every subscription. */
export function loseAll(meters: Meters): void {
  for (const meter of meters.byName.values()) if (meter.standing !== 'left' && meter.standing !== 'refused') meter.standing = 'lost'
}

/** Works the rates out anew. Called about once a second. `elapsedMs` is above 0. */
export function measure(meters: Meters, elapsedMs: number): void {
  for (const meter of meters.byName.values()) {
    meter.rate = ((meter.messages - meter.countedAt) * 1_000) / elapsedMs
    meter.countedAt = meter.messages
  }
}
