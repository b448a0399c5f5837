/** The server behind every door of this folder: the hub of `src/server`, handlers, and a clock. */
import type { Platform } from '../../engine/platform.ts'
import type { ChannelParams } from '../../protocol/message.ts'
import type { HubEffect, HubInput } from '../../server/effects.ts'
import { type MemoryHub, type Streams, createMemoryHub } from '../../server/memory.ts'
import { type Results, createResults } from '../../server/results.ts'
import { createHandling } from './handling.ts'
import type { Backend, BackendOptions, Kept } from './options.ts'

/** The server's end of a connection, as a door offers it. */
export interface DoorEnd {
  send(text: string): void
  /** Without a code the connection breaks off. */
  close(code: number | undefined, reason: string): void
}

/** What a door tells of a connection. */
export interface DoorEvents {
  frame(text: string): void
  /** The connection has ended, from whichever side. */
  closed(): void
}

/** A backend, and what its door does with it. */
export interface OpenBackend extends Backend {
  accept(end: DoorEnd): DoorEvents
  /** The process ends: nothing is answered any more, and all connections break off. */
  stop(): void
  /** The next process begins with what is kept. */
  start(kept: Kept): void
}

/** Clock, timers and chance of a backend. */
export type BackendPlatform = Pick<Platform, 'now' | 'time' | 'setTimer' | 'clearTimer' | 'uuid'>

const HISTORY = { count: 10_000, size: 16_777_216, ageMs: 600_000 }
const LIMITS = { maxFrame: 1_048_576, maxChannels: 200, resultsTtl: 600_000 }
const HELLO_TIMEOUT_MS = 10_000

/** The server's name of a stream: the channel's own without params. Params are compared by value. */
function streamOf(channel: string, params: ChannelParams | undefined): string {
  if (params === undefined) return channel
  const sorted = Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${channel}?${JSON.stringify(sorted)}`
}

/** Makes a backend; it is started. */
export function createBackend(platform: BackendPlatform, options: BackendOptions): OpenBackend {
  const history = { ...HISTORY, ...options.history }
  const limits = { ...LIMITS, ...options.limits }
  const ends = new Map<number, DoorEnd>()
  const handling = createHandling(options)
  let streams: Streams = new Map()
  let results: Results = newResults()
  let hub: MemoryHub | null = newHub()
  let timer: unknown
  let numbers = 0

  function newResults(): Results {
    return createResults(platform.uuid(), { ttlMs: limits.resultsTtl, count: options.resultsMost ?? 1_000_000 })
  }

  function newHub(): MemoryHub {
    return createMemoryHub({
      limits, results, streams, history, helloTimeoutMs: HELLO_TIMEOUT_MS, epoch: () => platform.uuid(), sessionName: (number) => `s-${number}`,
      recovery: { count: Infinity, size: Infinity, ...options.recovery },
      permit: (identity, channel, params) => (options.permit?.(identity, channel, params) ?? true
        ? { stream: streamOf(channel, params) }
        : { code: 'not_authorized', message: `channel "${channel}" is not for ${identity ?? 'somebody without an identity'}` }),
    })
  }

  function performAll(effects: readonly HubEffect[]): void {
    for (const effect of effects) perform(effect)
  }

  function tell(input: HubInput): void {
    if (hub === null) return
    performAll(hub.step(input, platform.now(), platform.time()))
    // Nothing else moves a deadline.
    if (input.type !== 'frame' && input.type !== 'handled') arm()
  }

  function arm(): void {
    platform.clearTimer(timer)
    const waitMs = (hub?.deadline() ?? Infinity) - platform.now()
    if (waitMs !== Infinity) timer = platform.setTimer(() => tell({ type: 'tick' }), Math.max(0, Math.ceil(waitMs)))
  }

  /** What a process was asked is nobody's after it is gone. */
  function answering(): (input: HubInput) => void {
    const process = hub
    return (input) => { if (hub === process) tell(input) }
  }

  function perform(effect: HubEffect): void {
    switch (effect.type) {
      case 'send':
        for (const number of effect.to) ends.get(number)?.send(effect.text)
        return
      case 'close': {
        const end = ends.get(effect.session)
        ends.delete(effect.session)
        return end?.close(effect.code, effect.reason)
      }
      case 'authenticate': return handling.authenticate(effect, answering())
      case 'handle': return handling.handle(effect, hub?.sessions.get(effect.session)?.clientId ?? '', answering())
      case 'authorize':
      case 'page':
      case 'read': throw new Error(`a hub in memory answers "${effect.type}" itself`)
      // What a server's runtime needs besides: streams in memory need not be followed, results have no other memory, nobody is banned.
      case 'followed':
      case 'recall':
      case 'ban': return
      default: return effect satisfies never
    }
  }

  return {
    accept(end) {
      const number = ++numbers
      ends.set(number, end)
      tell({ type: 'opened', session: number })
      return {
        frame(text) {
          if (ends.has(number)) tell({ type: 'frame', session: number, text })
        },
        closed() {
          if (ends.delete(number)) tell({ type: 'closed', session: number })
        },
      }
    },
    handle: handling.set,
    received: handling.received,
    publish(channel, data, { type = channel, params, covers = 1 } = {}) {
      const name = streamOf(channel, params)
      // While the process is away somebody else publishes, as through a broker.
      const publisher = hub ?? newHub()
      const effects = publisher.publish(name, channel, { type, data, covers, timestamp: platform.time() }, platform.now(), platform.time())
      performAll(effects)
      const { epoch, top } = streams.get(name) as { epoch: string; top: number }
      return { epoch, offset: top }
    },
    resetStream: (channel, params) => performAll((hub ?? newHub()).reset(streamOf(channel, params), channel, platform.now(), platform.time())),
    clients: () => [...(hub?.sessions.values() ?? [])].filter(({ phase }) => phase === 'open').length,
    goodbye: (reason = 'restarting', retryAfterMs = 0) => tell({ type: 'goodbye', reason, retryAfterMs: () => retryAfterMs }),
    dropAll(code, reason = '') {
      for (const end of [...ends.values()]) end.close(code, reason)
    },
    stop() {
      hub = null
      platform.clearTimer(timer)
      const all = [...ends.values()]
      ends.clear()
      for (const end of all) end.close(undefined, '')
    },
    start(kept) {
      if (kept === 'everything' || kept === 'results') results.lose(platform.now())
      else results = newResults()
      if (kept === 'results' || kept === 'nothing') streams = new Map()
      hub = newHub()
    },
  }
}
