/** The server of a world: the real hub, with everything that a hub waits for done late, wrong, or never. */
import type { ServerEnd, ServerHandlers, VirtualClock } from 'uplink/testing'
import type { ChannelRequest } from '../../../src/protocol/message.ts'
import type { HubEffect, HubInput, Verdict } from '../../../src/server/effects.ts'
import { type Hub, createHub } from '../../../src/server/hub.ts'
import { readPage } from '../../../src/server/paging.ts'
import { type Results, createResults } from '../../../src/server/results.ts'
import { type StreamLog, append, createStreamLog, readHistory, trim } from '../../../src/server/stream.ts'
import type { Rules } from './rules.ts'

/** How the server behaves; changed by the world. */
export interface BackendConditions {
  /** Handlers say "later". */
  busy: boolean
  /** Handlers say no. */
  rejecting: boolean
  handlerMs: readonly [least: number, most: number]
  readMs: readonly [least: number, most: number]
  /** Credentials last this long. */
  tokenMs: number | undefined
  refusesTokens: boolean
  /** The broker hands on every message twice. */
  repeats: boolean
}

export interface Backend {
  readonly conditions: BackendConditions
  accept(end: ServerEnd): ServerHandlers
  publish(channel: string): void
  /** A message goes into the log and reaches nobody, as when a broker drops one. */
  loseOne(channel: string): void
  /** The process ends; the next one begins with what is kept. Links have to be cut by the caller. */
  restart(keep: { readonly results: boolean; readonly streams: boolean }): void
  /** A stream is begun anew while everybody is connected. */
  reset(channel: string): void
  goodbye(retryAfterMs: number): void
  top(channel: string): { readonly epoch: string; readonly offset: number } | null
  /** Every frame sent and received, for the schema. */
  readonly frames: { readonly sent: string[]; readonly received: string[] }
}

const HISTORY = { count: 30, size: 20_000, ageMs: 120_000 }
const RECOVERY = { count: 25, size: 10_000 }
const RESULTS = { ttlMs: 600_000, count: 10_000 }

/** Makes a server. */
export function createBackend({ clock, random, rules }: { readonly clock: VirtualClock; readonly random: () => number; readonly rules: Rules }): Backend {
  const conditions: BackendConditions = { busy: false, rejecting: false, handlerMs: [0, 5], readMs: [0, 10], tokenMs: undefined, refusesTokens: false, repeats: false }
  const ends = new Map<number, ServerEnd>()
  const frames = { sent: [] as string[], received: [] as string[] }
  let epochs = 0
  let sessions = 0
  const epoch = (): string => `epoch-${++epochs}`
  let streams = new Map<string, StreamLog>()
  let results: Results = createResults(epoch(), RESULTS)
  let hub: Hub = newHub()
  let deliverAt = 0
  let ticking = 0

  function newHub(): Hub {
    return createHub({
      limits: { maxFrame: 200_000, maxChannels: 10, resultsTtl: RESULTS.ttlMs }, results, helloTimeoutMs: 10_000, sessionName: (number) => `s${number}`,
    })
  }

  const between = ([least, most]: readonly [number, number]): number => least + random() * (most - least)

  /** An input to this process; one that comes when it is gone is nobody's. */
  function later(delayMs: number, input: () => HubInput): void {
    const process = hub
    clock.setTimer(() => { if (hub === process) tell(input()) }, delayMs)
  }

  function tell(input: HubInput): void {
    for (const effect of hub.step(input, clock.now(), clock.time())) perform(effect)
    const deadline = hub.deadline()
    clock.clearTimer(ticking)
    if (deadline !== Infinity) ticking = clock.setTimer(() => tell({ type: 'tick' }), Math.max(0, deadline - clock.now()))
  }

  function logOf(channel: string): StreamLog {
    const log = streams.get(channel) ?? createStreamLog(channel, channel, epoch())
    streams.set(channel, log)
    return log
  }

  function perform(effect: HubEffect): void {
    switch (effect.type) {
      case 'send':
        frames.sent.push(effect.text)
        for (const number of effect.to) ends.get(number)?.send(effect.text)
        return
      case 'close': {
        const end = ends.get(effect.session)
        ends.delete(effect.session)
        return end?.close(effect.code, effect.reason)
      }
      case 'authenticate': {
        const { question, credentials } = effect
        const [identity = '', until = 0] = String(credentials).split('|')
        const good = !conditions.refusesTokens && Number(until) > clock.time()
        const verdict: Verdict = good ? { identity, ...(conditions.tokenMs === undefined ? {} : { expiresInMs: Number(until) - clock.time() }) } : null
        return later(between([0, 30]), () => ({ type: 'verdict', question, verdict }))
      }
      case 'authorize': {
        const { question, channel } = effect
        return later(between([0, 10]), () => ({ type: 'permission', question, permission: { stream: channel } }))
      }
      case 'read': {
        const { question, stream, position, mode } = effect
        // What is read is what stands at some moment between question and answer.
        const first = between(conditions.readMs)
        const process = hub
        clock.setTimer(() => {
          if (hub !== process) return
          const log = logOf(stream)
          trim(log, clock.now(), HISTORY)
          const history = readHistory(log, position, mode, RECOVERY)
          later(between(conditions.readMs), () => ({ type: 'history', question, history }))
        }, first)
        return
      }
      case 'handle': {
        const { question, session, message } = effect
        const id = message.id as string
        const sent = rules.sent.get(id)
        if (conditions.busy) {
          if (sent !== undefined) sent.delayed = true
          return later(between(conditions.handlerMs), () => ({ type: 'handled', question, answer: { ok: false, code: 'busy', retryable: true, retryAfterMs: Math.round(random() * 2_000) } }))
        }
        if (conditions.rejecting) return later(between(conditions.handlerMs), () => ({ type: 'handled', question, answer: { ok: false, code: 'invalid', retryable: false } }))
        rules.begun(hub.sessions.get(session)?.clientId ?? '', id, results.epoch)
        return later(between(conditions.handlerMs), () => ({ type: 'handled', question, answer: { ok: true, data: id } }))
      }
      case 'page': {
        const { session, id, request } = effect
        return later(between(conditions.readMs), () => ({ type: 'paged', session, id, page: readPage(logOf(request.channel), request, RECOVERY, clock.now()) }))
      }
      // What a server's runtime needs besides: streams in memory need not be followed, results have no other memory, nobody is banned.
      case 'followed':
      case 'recall':
      case 'ban': return
      default: return effect satisfies never
    }
  }

  function watchForRepairs(number: number, text: string): void {
    if (!text.startsWith('{"type":"subscribe"')) return
    const session = hub.sessions.get(number)
    const live = new Set([...session?.subscriptions.values() ?? []].flatMap(({ state, request }) => (state === 'live' ? [request.channel] : [])))
    for (const { channel, recover } of (JSON.parse(text) as { channels: ChannelRequest[] }).channels) {
      if (recover !== undefined && live.has(channel)) rules.asksAgain(session?.clientId ?? '')
    }
  }

  function published(log: StreamLog): void {
    const entry = append(log, { type: 'tick', data: { epoch: log.epoch, offset: log.top + 1 } }, clock.now(), HISTORY)
    deliverAt = Math.max(deliverAt, clock.now() + random() * 10)
    // Between the log and the followers lies a broker: a history may hold what was not delivered yet.
    for (let time = conditions.repeats ? 0 : 1; time < 2; time++) later(deliverAt - clock.now(), () => ({ type: 'published', stream: log.name, epoch: log.epoch, entries: [entry] }))
  }

  return {
    conditions,
    frames,
    accept(end) {
      const number = ++sessions
      ends.set(number, end)
      tell({ type: 'opened', session: number })
      return {
        frame(frame) {
          frames.received.push(String(frame))
          watchForRepairs(number, String(frame))
          tell({ type: 'frame', session: number, text: String(frame) })
        },
        closed() {
          ends.delete(number)
          tell({ type: 'closed', session: number })
        },
      }
    },
    publish: (channel) => published(logOf(channel)),
    loseOne(channel) {
      const log = logOf(channel)
      append(log, { type: 'tick', data: { epoch: log.epoch, offset: log.top + 1 } }, clock.now(), HISTORY)
    },
    restart(keep) {
      ends.clear()
      if (keep.results) results.lose(clock.now())
      else results = createResults(epoch(), RESULTS)
      if (!keep.streams) streams = new Map()
      hub = newHub()
      clock.clearTimer(ticking)
    },
    reset(channel) {
      const log = createStreamLog(channel, channel, epoch())
      streams.set(channel, log)
      // The notice comes by the same broker as the messages.
      deliverAt = Math.max(deliverAt, clock.now() + random() * 10)
      later(deliverAt - clock.now(), () => ({ type: 'reset', stream: channel, epoch: log.epoch }))
    },
    goodbye: (retryAfterMs) => tell({ type: 'goodbye', reason: 'restarting', retryAfterMs: () => retryAfterMs }),
    top(channel) {
      const log = streams.get(channel)
      return log === undefined ? null : { epoch: log.epoch, offset: log.top }
    },
  }
}
