/**
 * A hub whose streams lie in memory: permission and history are answered at once, and publishing reaches whoever
 * follows. Pure: epochs are drawn by an argument.
 */
import type { ChannelParams } from '../protocol/message.ts'
import type { HubEffect, HubInput, Permission } from './effects.ts'
import { type Hub, type HubOptions, createHub } from './hub.ts'
import { readPage } from './paging.ts'
import { type HistoryLimits, type Publication, type RecoveryLimits, type StreamLog, append, createStreamLog, readHistory, trim } from './stream.ts'

/** Streams by name; they may outlive a hub. */
export type Streams = Map<string, StreamLog>

/** What a hub in memory is made of. */
export interface MemoryHubOptions extends HubOptions {
  readonly streams: Streams
  readonly history: HistoryLimits
  readonly recovery: RecoveryLimits
  /** Draws an epoch: random, 64 bits at least. */
  epoch(): string
  /** Whether a user may read a channel, and which stream that is. Asked at every subscription, and for every page of history. */
  permit(identity: string | null, channel: string, params: ChannelParams | undefined, session: number): Permission
}

/** A hub in memory. Its effects are those of a hub that only the outside can answer. */
export interface MemoryHub extends Hub {
  /** Publishes on a stream. */
  publish(stream: string, channel: string, publication: Publication, now: number, time: number): readonly HubEffect[]
  /** Begins a stream anew. */
  reset(stream: string, channel: string, now: number, time: number): readonly HubEffect[]
}

/** Makes a hub in memory. */
export function createMemoryHub(options: MemoryHubOptions): MemoryHub {
  const { streams, history, recovery, epoch, permit } = options
  const hub = createHub(options)

  function logOf(name: string, channel: string): StreamLog {
    const known = streams.get(name) ?? createStreamLog(name, channel, epoch())
    streams.set(name, known)
    return known
  }

  /** The log, without what is too old. */
  function keptOf(name: string, channel: string, now: number): StreamLog {
    const log = logOf(name, channel)
    trim(log, now, history)
    return log
  }

  function step(input: HubInput, now: number, time: number): readonly HubEffect[] {
    const outside: HubEffect[] = []
    const inside = [...hub.step(input, now, time)]
    for (let effect = inside.shift(); effect !== undefined; effect = inside.shift()) {
      const answer = answerOf(effect, now)
      // What an answer asks for comes before what was asked for later.
      if (answer === null) outside.push(effect)
      else inside.unshift(...hub.step(answer, now, time))
    }
    return outside
  }

  function answerOf(effect: HubEffect, now: number): HubInput | null {
    if (effect.type === 'authorize') {
      const permission = permit(effect.identity, effect.channel, effect.params, effect.session)
      return { type: 'permission', question: effect.question, permission }
    }
    if (effect.type === 'page') {
      const { session, id, identity, request } = effect
      const permission = permit(identity, request.channel, request.params, session)
      return { type: 'paged', session, id, page: 'stream' in permission ? readPage(keptOf(permission.stream, request.channel, now), request, recovery, now) : permission }
    }
    // A stream that nobody follows and nothing was published on need not be.
    if (effect.type === 'followed' && !effect.isFollowed && streams.get(effect.stream)?.top === 0) streams.delete(effect.stream)
    if (effect.type !== 'read') return null
    const log = keptOf(effect.stream, effect.channel, now)
    return { type: 'history', question: effect.question, history: readHistory(log, effect.position, effect.mode, recovery, now) }
  }

  return {
    step,
    deadline: hub.deadline,
    sessions: hub.sessions,
    followers: hub.followers,
    publish(stream, channel, publication, now, time) {
      const log = logOf(stream, channel)
      const entry = append(log, publication, now, history)
      return step({ type: 'published', stream, epoch: log.epoch, entries: [entry] }, now, time)
    },
    reset(stream, channel, now, time) {
      const log = createStreamLog(stream, channel, epoch())
      streams.set(stream, log)
      return step({ type: 'reset', stream, epoch: log.epoch }, now, time)
    },
  }
}
