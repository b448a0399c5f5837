/** Pages of history, as a broker has them. */
import type { Position } from '../../protocol/message.ts'
import type { Broker } from '../brokers/broker.ts'
import { type Found, type Page, type PageRequest, countOf, pageOf } from '../paging.ts'
import type { Entry, RecoveryLimits } from '../stream.ts'

/** What is read, and how much of it at once. */
export interface PageSource {
  readonly broker: Broker
  readonly stream: string
  readonly recovery: RecoveryLimits
  /** Messages that are kept of the stream. */
  readonly kept: number
}

/** Nothing is to be recovered: what is asked is whether it could be. */
const NOTHING: RecoveryLimits = { count: 0, size: Infinity }
const WIDEN = 4

/** The newest messages before an offset; one more than fit on the page, where there are so many. */
async function older({ broker, stream, kept }: PageSource, channel: string, recover: Position | undefined, count: number): Promise<Found> {
  // Before the first offset lies nothing, and no broker is asked what lies before that.
  const before = recover === undefined ? undefined : Math.max(1, recover.offset)
  const near = await broker.page(stream, before, count + 1)
  // Nobody has followed it, or published on it: it begins by being read.
  if (near.epoch === '') return broker.read(stream, channel, null, 'stream', NOTHING)
  const [oldest] = near.entries
  const end = oldest?.from ?? Math.min(before ?? Infinity, near.top + 1)
  if (near.entries.length > count || end <= 1) return near
  // A broker may count what has expired: a short page does not prove that nothing older is kept.
  const rest = await broker.page(stream, oldest?.offset ?? before, Math.max(kept, count + 1))
  if (rest.epoch !== near.epoch) throw new Error('the stream began anew while it was read')
  return { ...near, entries: [...rest.entries, ...near.entries] }
}

/** The messages after a position, by the rules of a recovery: none is left out, or it is said why there are none. */
async function newer({ broker, stream }: PageSource, channel: string, after: Position, count: number): Promise<Found> {
  const { epoch, offset } = after
  const all = await broker.read(stream, channel, after, 'stream', NOTHING)
  if (all.reason !== 'too_many') return all
  // From one message to the next it is one offset, or more where a message stands for others: then it looks farther.
  for (let width = count + 1; ; width *= WIDEN) {
    const found = await broker.page(stream, offset + width + 1, width)
    const entries = joined(found.entries.filter((entry) => entry.offset > offset), offset)
    if (entries.length < count && offset + width < found.top && found.epoch === epoch) continue
    return entries.length > 0 ? { ...found, entries } : { ...found, entries, reason: 'trimmed' }
  }
}

/** The entries that follow a position without a hole. */
function joined(entries: readonly Entry[], position: number): readonly Entry[] {
  const hole = entries.findIndex(({ from }, index) => from > (entries[index - 1]?.offset ?? position) + 1)
  return hole < 0 ? entries : entries.slice(0, hole)
}

/** Reads a page. Rejects while the broker is away. */
export async function readPage(source: PageSource, request: PageRequest): Promise<Page> {
  const { channel, recover, isForward } = request
  const count = countOf(request, source.recovery)
  const found = await (isForward && recover !== undefined ? newer(source, channel, recover, count) : older(source, channel, recover, count))
  return pageOf(source.stream, request, found, source.recovery)
}
