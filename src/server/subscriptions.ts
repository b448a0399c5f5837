/**
 * Who follows which stream, and how a subscription catches up without a hole: hold back what is published, read
 * the history, merge, verify, release. docs/PROTOCOL.md, section 6.
 */
import type { ChannelRequest, Position } from '../protocol/message.ts'
import type { ServerLimits } from '../protocol/uplink-v1.ts'
import type { HubEffect, Permission } from './effects.ts'
import { type Session, type Subscription, readRequest, standingFrames } from './session.ts'
import { type Entry, type History, covering, heldOf } from './stream.ts'

/** What subscriptions need from the hub. */
export interface SubscriptionsHost {
  readonly sessions: ReadonlyMap<number, Session>
  readonly limits: ServerLimits
  /** A new question. */
  ask(): number
  say(session: number, frame: object): void
  send(session: number, text: string): void
  emit(effect: HubEffect): void
}

/** The subscriptions of all sessions. */
export interface Subscriptions {
  subscribe(session: Session, channels: unknown): void
  unsubscribe(session: Session, channels: unknown): void
  permitted(question: number, permission: Permission): void
  read(question: number, history: History): void
  published(stream: string, epoch: string, entry: Entry): void
  reset(stream: string, epoch: string): void
  leaveAll(session: Session): void
}

/** A history that does not join what was published meanwhile is read again, so often at most. */
const READS_MOST = 5

interface Followers {
  /** What all its live followers have; `null` before the first. */
  held: { epoch: string; offset: number } | null
  /** Sessions that get its messages, and by how many subscriptions each. */
  readonly live: Map<number, number>
  /** Subscriptions whose history is being read. */
  readonly reading: Set<Subscription>
}

/** Makes the subscriptions of a hub. */
export function createSubscriptions(host: SubscriptionsHost): Subscriptions {
  const { sessions, limits } = host
  const streams = new Map<string, Followers>()
  const questions = new Map<number, { readonly session: Session; readonly subscription: Subscription }>()

  function followersOf(stream: string): Followers {
    const known = streams.get(stream) ?? { held: null, live: new Map(), reading: new Set() }
    streams.set(stream, known)
    return known
  }

  function question(session: Session, subscription: Subscription): number {
    questions.delete(subscription.question)
    subscription.question = host.ask()
    questions.set(subscription.question, { session, subscription })
    return subscription.question
  }

  /** Takes the subscription out of its stream, wherever it stands. */
  function leave(session: Session, subscription: Subscription): void {
    questions.delete(subscription.question)
    const { stream } = subscription
    const followers = stream === null ? undefined : streams.get(stream)
    if (followers === undefined || stream === null) return
    followers.reading.delete(subscription)
    if (subscription.state === 'live') {
      const count = (followers.live.get(session.number) ?? 1) - 1
      if (count > 0) followers.live.set(session.number, count)
      else followers.live.delete(session.number)
    }
    if (followers.live.size + followers.reading.size === 0) streams.delete(stream)
  }

  const refuse = (session: Session, { channel, ref }: ChannelRequest, code: string, message: string, retryable = false): void =>
    host.say(session.number, { type: 'error', code, message, channel, ref, retryable })

  function join(session: Session, request: ChannelRequest): void {
    const ref = request.ref ?? request.channel
    const old = session.subscriptions.get(ref)
    if (old !== undefined) leave(session, old)
    else if (session.subscriptions.size >= limits.maxChannels) {
      return refuse(session, request, 'too_many_channels', `at most ${limits.maxChannels} channels a connection`)
    }
    const subscription: Subscription = { request, ref, stream: null, state: 'authorizing', question: 0, held: [], reads: 0 }
    session.subscriptions.set(ref, subscription)
    host.emit({
      type: 'authorize', question: question(session, subscription), session: session.number, identity: session.identity,
      channel: request.channel, params: request.params,
    })
  }

  function drop(session: Session, subscription: Subscription): void {
    leave(session, subscription)
    session.subscriptions.delete(subscription.ref)
  }

  function each(session: Session, channels: unknown, run: (request: ChannelRequest) => void): void {
    const requests = Array.isArray(channels) ? channels.map(readRequest) : [null]
    if (requests.includes(null)) return host.say(session.number, { type: 'error', code: 'bad_frame', message: 'channels are objects with a channel, or names' })
    for (const request of requests) run(request as ChannelRequest)
  }

  /** From now on what is published is held back, so that nothing falls between history and live. */
  function read(session: Session, subscription: Subscription, stream: string): void {
    subscription.stream = stream
    subscription.state = 'reading'
    subscription.held = []
    subscription.reads++
    followersOf(stream).reading.add(subscription)
    const { recover, mode = 'stream' } = subscription.request
    host.emit({ type: 'read', question: question(session, subscription), stream, position: recover ?? null, mode })
  }

  /** What was held back and is not in the history; `null` where the two do not join. */
  function merge({ held }: Subscription, { epoch, top }: History): readonly Entry[] | null {
    const newer: Entry[] = []
    let last = top
    for (const { epoch: published, entry } of held) {
      if (published !== epoch) return null
      if (entry === null || entry.offset <= last) continue
      if (entry.from > last + 1) return null
      newer.push(entry)
      last = entry.offset
    }
    return newer
  }

  /** History and what came after it, as one. */
  function whole({ request: { mode, recover } }: Subscription, history: History, newer: readonly Entry[]): History {
    const newest = newer.at(-1)
    if (newest === undefined || !history.recovered) return history
    const entries = mode === 'latest' ? [covering(newest, heldOf(recover ?? null, history.epoch, history.top))] : [...history.entries, ...newer]
    return { ...history, top: newest.offset, entries }
  }

  /**
   * Reads the stream again for all who follow it live, from what they have: they must not take the messages of
   * one epoch for those of another.
   */
  function renew(stream: string, held: Position): void {
    const recover = { ...held }
    for (const session of sessions.values()) {
      for (const subscription of session.subscriptions.values()) {
        if (subscription.stream !== stream || subscription.state !== 'live') continue
        leave(session, subscription)
        const renewed: Subscription = { ...subscription, request: { ...subscription.request, recover }, held: [], reads: 0 }
        session.subscriptions.set(subscription.ref, renewed)
        read(session, renewed, stream)
      }
    }
  }

  function stand(session: Session, subscription: Subscription, stream: string, history: History): void {
    const newer = merge(subscription, history)
    if (newer === null) {
      if (subscription.reads < READS_MOST) return read(session, subscription, stream)
      drop(session, subscription)
      return refuse(session, subscription.request, 'failed', 'the history does not join what is published', true)
    }
    let answer = whole(subscription, history, newer)
    let frames = standingFrames(subscription.request, stream, answer, session.maxFrame)
    if (frames === null) {
      answer = { ...history, recovered: false, reason: 'too_many', entries: [] }
      frames = standingFrames(subscription.request, stream, answer, session.maxFrame) ?? []
    }
    for (const frame of frames) host.send(session.number, frame)
    // Where nothing is recovered the confirmation stands before what came meanwhile, which follows as live.
    if (!answer.recovered) for (const { text } of newer) host.send(session.number, text)
    const followers = followersOf(stream)
    // Begun anew, and nobody has said so yet.
    if (followers.held !== null && followers.held.epoch !== history.epoch) renew(stream, followers.held)
    if (followers.live.size === 0) followers.held = { epoch: history.epoch, offset: answer.top }
    followers.reading.delete(subscription)
    followers.live.set(session.number, (followers.live.get(session.number) ?? 0) + 1)
    subscription.state = 'live'
    subscription.held = []
  }

  return {
    subscribe: (session, channels) => each(session, channels, (request) => join(session, request)),
    unsubscribe: (session, channels) => each(session, channels, (request) => {
      const known = session.subscriptions.get(request.ref ?? request.channel)
      if (known !== undefined) drop(session, known)
      host.say(session.number, { type: 'unsubscription_confirmed', channel: request.channel, ref: request.ref })
    }),
    permitted(number, permission) {
      const asked = questions.get(number)
      if (asked === undefined) return
      questions.delete(number)
      const { session, subscription } = asked
      if ('stream' in permission) return read(session, subscription, permission.stream)
      drop(session, subscription)
      refuse(session, subscription.request, permission.code, permission.message)
    },
    read(number, history) {
      const asked = questions.get(number)
      if (asked === undefined || asked.subscription.stream === null) return
      questions.delete(number)
      stand(asked.session, asked.subscription, asked.subscription.stream, history)
    },
    published(stream, epoch, entry) {
      const followers = streams.get(stream)
      if (followers === undefined) return
      for (const subscription of followers.reading) subscription.held.push({ epoch, entry })
      const { live, held } = followers
      if (live.size === 0 || held === null) return
      if (held.epoch !== epoch) return renew(stream, held)
      held.offset = entry.offset
      // The set itself, not a copy: one effect for a thousand followers.
      host.emit({ type: 'send', to: live.keys(), text: entry.text })
    },
    reset(stream, epoch) {
      const followers = streams.get(stream)
      if (followers === undefined) return
      // Who reads may have read the old one.
      for (const subscription of followers.reading) subscription.held.push({ epoch, entry: null })
      if (followers.held !== null && followers.held.epoch !== epoch) renew(stream, followers.held)
    },
    leaveAll(session) {
      for (const subscription of session.subscriptions.values()) leave(session, subscription)
      session.subscriptions.clear()
    },
  }
}
