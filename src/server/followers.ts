/**
 * Who follows a stream, how far each of them is, and what they are sent when something is published on it. Fan-out
 * is the hot path of the server: a frame is made once, and goes to everybody by one effect.
 */
import type { Position } from '../protocol/message.ts'
import { batchFrames, batchOf, standingFrames } from './frames.ts'
import type { HubHost } from './host.ts'
import type { Session, Subscription } from './session.ts'
import type { Entry, History } from './stream.ts'

/** The followers of one stream; changed in place. */
export interface Followers {
  /** What was published up to here has been sent to all who are live; `null` before the first. */
  held: { epoch: string; offset: number } | null
  /** No live follower takes smaller frames than this; looked up anew where a message is larger. */
  maxFrame: number
  /** Sessions that get its messages, and by how many subscriptions each. */
  readonly live: Map<number, number>
  /** Those of them that were given more by their history than has been published here, and up to where. */
  readonly ahead: Map<number, number>
  /** Subscriptions whose history is being read. */
  readonly reading: Set<Subscription>
}

/** Messages that are held back while a history is read. */
const HELD_MOST = 10_000

/** Nobody follows it yet. */
export function createFollowers(): Followers {
  return { held: null, maxFrame: Infinity, live: new Map(), ahead: new Map(), reading: new Set() }
}

/** A subscription whose client holds the stream up to `top` gets what is published from now on. */
export function goLive(followers: Followers, { number, maxFrame }: Session, { epoch, offset: top }: Position): void {
  const { live, ahead } = followers
  // What a broker has told so far is not known yet: it may lie behind what was just read.
  if (live.size === 0 || followers.held === null) followers.held = { epoch, offset: 0 }
  const already = live.get(number) ?? 0
  // An older subscription of the same session waits for what this one has been given.
  if (already === 0 && top > followers.held.offset) ahead.set(number, top)
  live.set(number, already + 1)
  followers.maxFrame = Math.min(followers.maxFrame, maxFrame)
}

/** A subscription of a session gets nothing more. */
export function endLive({ live, ahead }: Followers, number: number): void {
  const left = (live.get(number) ?? 1) - 1
  if (left > 0) return void live.set(number, left)
  live.delete(number)
  ahead.delete(number)
}

/** What a session that is live holds of the stream. */
export function heldBy({ ahead }: Followers, number: number, { epoch, offset }: Position): Position {
  return { epoch, offset: ahead.get(number) ?? offset }
}

/** Keeps back what is published while a history is read; what is forgotten leaves a hole, and the history is read again. */
export function holdBack({ reading }: Followers, epoch: string, entries: ReadonlyArray<Entry | null>): void {
  for (const { held } of reading) {
    if (held === null) continue
    if (held.length >= HELD_MOST) held.length = 0
    for (const entry of entries) held.push({ epoch, entry })
  }
}

/** Everybody but those who are ahead. */
function* upToDate({ live, ahead }: Followers): Iterable<number> {
  for (const number of live.keys()) if (!ahead.has(number)) yield number
}

/** Sends what was published, as one frame for all, and to nobody what it has been given already. */
export function fanOut(host: HubHost, stream: string, followers: Followers, epoch: string, entries: readonly [Entry, ...Entry[]]): void {
  const { live, ahead, held } = followers
  const [first] = entries
  const { offset } = entries.at(-1) as Entry
  if (held !== null) held.offset = offset
  for (const [number, top] of ahead) {
    // All of it is new to this one, which is one of many from now on.
    if (first.offset > top) ahead.delete(number)
    else if (offset > top) {
      const newer = entries.filter((entry) => entry.offset > top)
      sendTo(host, stream, host.sessions.get(number) as Session, { epoch, offset }, newer as [Entry, ...Entry[]], top)
      ahead.set(number, offset)
    }
  }
  // The set itself, not a copy: one effect for a thousand followers.
  const to = ahead.size === 0 ? live.keys() : upToDate(followers)
  const parts = entries.map(({ text }) => text)
  const text = parts.length === 1 ? first.text : batchOf(parts)
  if (text.length <= followers.maxFrame) return host.emit({ type: 'send', to, text, stream, from: first.from, parts })
  // Only those who take no frame so large get it in pieces. The smallest may have left: it is looked up anew.
  const whole: number[] = []
  followers.maxFrame = Infinity
  for (const number of live.keys()) {
    const session = host.sessions.get(number) as Session
    followers.maxFrame = Math.min(followers.maxFrame, session.maxFrame)
    if (ahead.has(number)) continue
    if (text.length <= session.maxFrame) whole.push(number)
    else sendTo(host, stream, session, { epoch, offset }, entries)
  }
  if (whole.length > 0) host.emit({ type: 'send', to: whole, text, stream, from: first.from, parts })
}

/** Sends it to one, who holds the stream up to `top`: in pieces where it takes no frame so large, else it is said that something is missing. */
function sendTo(host: HubHost, stream: string, session: Session, { epoch, offset }: Position, entries: readonly [Entry, ...Entry[]], top: number = 0): void {
  const to = [session.number]
  const pieces = batchFrames(entries, session.maxFrame)
  if (pieces !== null) {
    const [{ from }] = entries
    const parts = entries.map(({ text }) => text)
    if (pieces.length === 1) return host.emit({ type: 'send', to, text: pieces[0] as string, stream, from: Math.max(from, top + 1), parts })
    for (const entry of entries) host.emit({ type: 'send', to, text: entry.text, stream, from: Math.max(entry.from, top + 1) })
    return
  }
  for (const { request, stream: its } of session.subscriptions.values()) {
    if (its !== stream) continue
    const history: History = { epoch, top: offset, recovered: false, reason: 'too_many', entries: [] }
    for (const frame of standingFrames({ ...request, recover: { epoch, offset } }, stream, history, session.maxFrame) ?? []) host.send(session.number, frame)
  }
}
