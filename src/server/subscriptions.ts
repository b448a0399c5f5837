/**
 * Who follows which stream, and how a subscription catches up without a hole: hold back what is published, read
 * the history, merge, verify, release. docs/PROTOCOL.md, section 6.
 */
import type { ChannelRequest, Position } from '../protocol/message.ts'
import type { ServerLimits } from '../protocol/uplink-v1.ts'
import type { HubInput, Permission } from './effects.ts'
import { type Followers, createFollowers, endLive, fanOut, goLive, heldBy, holdBack } from './followers.ts'
import { framesFor, standingFrames } from './frames.ts'
import type { HubHost } from './host.ts'
import { use } from './idleness.ts'
import { joined, newerThan } from './joining.ts'
import { readRequest } from './requests.ts'
import type { Session, Subscription } from './session.ts'
import { type Entry, type History, conflate, isWhole } from './stream.ts'

/** The subscriptions of all sessions. */
export interface Subscriptions {
  subscribe(session: Session, channels: unknown): void
  unsubscribe(session: Session, channels: unknown): void
  permitted(question: number, permission: Permission): void
  read(question: number, history: History): void
  unread(question: number, message: string): void
  published(stream: string, epoch: string, entries: readonly Entry[]): void
  reset(stream: string, epoch: string): void
  missed(stream: string): void
  catchUp(input: HubInput & { readonly type: 'catch_up' }): void
  /** Asks again whether a session may follow what it follows. */
  judgeAgain(session: Session): void
  leaveAll(session: Session): void
  followers(): ReadonlyMap<string, number>
}

/** A history that does not join what was published meanwhile is read again, so often at most. */
const READS_MOST = 5

/** What names a subscription among those of its connection: a ref is never taken for the name of a channel. */
const refOf = ({ ref, channel }: ChannelRequest): string => (ref === undefined ? `channel ${channel}` : `ref ${ref}`)

/** Makes the subscriptions of a hub. */
export function createSubscriptions(host: HubHost, limits: ServerLimits): Subscriptions {
  const { sessions } = host
  const streams = new Map<string, Followers>()
  const questions = new Map<number, { readonly session: Session; readonly subscription: Subscription; readonly isAgain?: boolean }>()

  function followersOf(stream: string): Followers {
    const known = streams.get(stream)
    if (known !== undefined) return known
    const followers = createFollowers()
    streams.set(stream, followers)
    host.emit({ type: 'followed', stream, isFollowed: true })
    return followers
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
    if (subscription.state === 'live') endLive(followers, session.number)
    if (followers.live.size + followers.reading.size > 0) return
    streams.delete(stream)
    host.emit({ type: 'followed', stream, isFollowed: false })
  }

  const refuse = (session: Session, { channel, ref }: ChannelRequest, code: string, message: string, retryable = false): void =>
    host.say(session.number, { type: 'error', code, message, channel, ref, retryable })

  const refuseMore = (session: Session, request: ChannelRequest): void => refuse(session, request, 'too_many_channels', `at most ${limits.maxChannels} channels a connection`)

  function join(session: Session, request: ChannelRequest): void {
    const ref = refOf(request)
    const old = session.subscriptions.get(ref)
    if (old !== undefined) leave(session, old)
    else if (session.subscriptions.size >= limits.maxChannels) {
      return refuseMore(session, request)
    }
    const subscription: Subscription = { request, ref, stream: null, state: 'authorizing', question: 0, again: 0, held: null, reads: 0, catchUp: undefined }
    session.subscriptions.set(ref, subscription)
    authorize(session, subscription)
  }

  function authorize(session: Session, subscription: Subscription): void {
    const { channel, params } = subscription.request
    host.emit({
      type: 'authorize', question: question(session, subscription), session: session.number, identity: session.user.identity, channel, params,
    })
  }

  function drop(session: Session, subscription: Subscription): void {
    leave(session, subscription)
    session.subscriptions.delete(subscription.ref)
    use(session, host.now())
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
    const { recover, mode = 'stream', channel } = subscription.request
    host.emit({ type: 'read', question: question(session, subscription), session: session.number, channel, stream, position: recover ?? null, mode })
  }

  /** Reads a live stream again for one session, from what it has. */
  function readAgain(session: Session, stream: string, recover: Position, catchUp?: Subscription['catchUp']): void {
    for (const subscription of [...session.subscriptions.values()]) {
      if (subscription.stream !== stream || subscription.state !== 'live') continue
      const renewed: Subscription = { ...subscription, request: { ...subscription.request, recover }, held: null, reads: 0, catchUp }
      session.subscriptions.set(subscription.ref, renewed)
      // The new one first: a stream that somebody still wants is not left meanwhile.
      read(session, renewed, stream)
      leave(session, subscription)
    }
  }

  /**
   * Reads the stream again for all who follow it live, from what they have: they must not take the messages of
   * one epoch for those of another.
   */
  function renew(stream: string, followers: Followers, held: Position): void {
    for (const number of [...followers.live.keys()]) readAgain(sessions.get(number) as Session, stream, heldBy(followers, number, held))
  }

  function stand(session: Session, subscription: Subscription, stream: string, history: History): void {
    const newer = newerThan(history, subscription.held ?? [])
    if (newer === null) {
      if (subscription.reads < READS_MOST) return read(session, subscription, stream)
      drop(session, subscription)
      return refuse(session, subscription.request, 'failed', 'the history does not join what is published', true)
    }
    tell(session, subscription, stream, history, newer)
    const followers = followersOf(stream)
    // Begun anew, and nobody has said so yet.
    if (followers.held !== null && followers.held.epoch !== history.epoch) renew(stream, followers, followers.held)
    followers.reading.delete(subscription)
    goLive(followers, session, { epoch: history.epoch, offset: newer.at(-1)?.offset ?? history.top })
    subscription.state = 'live'
    subscription.held = null
    subscription.catchUp = undefined
  }

  /** Tells where a subscription stands, and everything that follows. */
  function tell(session: Session, { request, catchUp }: Subscription, stream: string, history: History, newer: readonly Entry[]): void {
    const { number, maxFrame } = session
    let answer = joined(request, history, newer)
    // Who was too slow knows where it stands: it gets what it has missed, the newest of every key, and no confirmation.
    const missed = catchUp === 'conflate' && answer.recovered ? framesFor(session, conflate(answer.entries)) : null
    if (missed !== null) {
      for (const frame of missed) host.send(number, frame)
      return
    }
    if (catchUp === 'skip') answer = { ...answer, recovered: false, reason: 'too_slow', entries: [] }
    let frames = standingFrames(request, stream, answer, maxFrame)
    if (frames === null) {
      const { snapshot: _, ...bare } = history
      answer = { ...bare, recovered: false, reason: 'too_many', entries: [] }
      frames = standingFrames(request, stream, answer, maxFrame) ?? []
    }
    // Where nothing is recovered the confirmation stands before what came meanwhile, which follows as live.
    const live = isWhole(answer) ? [] : newer.filter(({ offset }) => offset > answer.top)
    for (const frame of [...frames, ...(framesFor(session, live) ?? [])]) host.send(number, frame)
  }

  return {
    subscribe(session, channels) {
      let count = 0
      // Of one frame too: each asks the application's rules, also where it only says the same once more.
      each(session, channels, (request) => (++count <= limits.maxChannels ? join(session, request) : refuseMore(session, request)))
    },
    unsubscribe: (session, channels) => each(session, channels, (request) => {
      const known = session.subscriptions.get(refOf(request))
      if (known !== undefined) drop(session, known)
      host.say(session.number, { type: 'unsubscription_confirmed', channel: request.channel, ref: request.ref })
    }),
    permitted(number, permission) {
      const asked = questions.get(number)
      if (asked === undefined) return
      questions.delete(number)
      const { session, subscription, isAgain = false } = asked
      // It was asked once more since, or its ref means something else by now.
      if (isAgain && session.subscriptions.get(subscription.ref)?.again !== number) return
      if ('stream' in permission) return isAgain ? undefined : read(session, subscription, permission.stream)
      drop(session, session.subscriptions.get(subscription.ref) ?? subscription)
      refuse(session, subscription.request, permission.code, permission.message)
    },
    read(number, history) {
      const asked = questions.get(number)
      if (asked === undefined || asked.subscription.stream === null) return
      questions.delete(number)
      stand(asked.session, asked.subscription, asked.subscription.stream, history)
    },
    unread(number, message) {
      const asked = questions.get(number)
      if (asked === undefined) return
      drop(asked.session, asked.subscription)
      refuse(asked.session, asked.subscription.request, 'failed', message, true)
    },
    published(stream, epoch, entries) {
      const followers = streams.get(stream)
      if (followers === undefined || entries.length === 0) return
      holdBack(followers, epoch, entries)
      const { live, held } = followers
      if (live.size === 0 || held === null) return
      if (held.epoch !== epoch) return renew(stream, followers, held)
      fanOut(host, stream, followers, epoch, entries as readonly [Entry, ...Entry[]])
    },
    reset(stream, epoch) {
      const followers = streams.get(stream)
      if (followers === undefined) return
      // Who reads may have read the old one.
      holdBack(followers, epoch, [null])
      if (followers.held !== null && followers.held.epoch !== epoch) renew(stream, followers, followers.held)
    },
    missed(stream) {
      const followers = streams.get(stream)
      if (followers !== undefined && followers.held !== null) renew(stream, followers, followers.held)
    },
    catchUp({ session: number, stream, offset, how }) {
      const session = sessions.get(number)
      const held = streams.get(stream)?.held
      if (session !== undefined && held !== undefined && held !== null) readAgain(session, stream, { epoch: held.epoch, offset }, how)
    },
    judgeAgain(session) {
      for (const subscription of [...session.subscriptions.values()]) {
        if (subscription.state === 'authorizing') authorize(session, subscription)
        else {
          questions.delete(subscription.again)
          subscription.again = host.ask()
          questions.set(subscription.again, { session, subscription, isAgain: true })
          const { channel, params } = subscription.request
          host.emit({ type: 'authorize', question: subscription.again, session: session.number, identity: session.user.identity, channel, params })
        }
      }
    },
    followers: () => new Map([...streams].map(([stream, { live }]) => [stream, live.size])),
    leaveAll(session) {
      for (const subscription of session.subscriptions.values()) leave(session, subscription)
      session.subscriptions.clear()
    },
  }
}
