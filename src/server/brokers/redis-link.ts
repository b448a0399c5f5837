/**
 * The link to Redis: one connection after the other, each used once. When one ends the next is made, with backoff,
 * and everything is subscribed again before anybody is told that Redis is back. Commands reject while it is away.
 */
import { jittered } from '../../core/backoff.ts'
import type { RedisConnection, RedisLike } from './redis-client.ts'
import type { RedisScript } from './redis-scripts.ts'

/** What a link is made of. */
export interface RedisLinkOptions {
  readonly client: RedisLike
  /** How long a command may take, and how long a connection until it is ready, ms. */
  readonly commandTimeoutMs: number
  readonly scripts: readonly RedisScript[]
  /** Channels that are followed from the beginning. */
  readonly channels: readonly string[]
  /** Something was published on a channel that is followed. */
  heard(channel: string, text: string): void
  /** Runs on every new connection, when all is subscribed and before `up` is told. */
  prepare(): Promise<void>
  /** Told at every change; the first connection is told by `open`. */
  state(state: 'up' | 'down', reason: string): void
}

/** A link to Redis. */
export interface RedisLink {
  /** Resolves at the first connection that works; tries for as long as that takes. */
  open(): Promise<void>
  /** The connection, while it is up. */
  connection(): RedisConnection | null
  /** Sends a command; see {@link RedisConnection}. */
  send(key: string | null, command: readonly string[]): Promise<unknown>
  /** Runs a script. */
  run(script: RedisScript, keys: readonly string[], values: readonly string[]): Promise<unknown>
  /** From when it resolves on, what is published on the channel is heard. */
  follow(channel: string): Promise<void>
  unfollow(channel: string): void
  /** Ends a connection that is no good, for the next one to be made. */
  renew(connection: RedisConnection, reason: string): void
  close(): void
}

interface Wanted {
  /** When Redis first confirmed it. */
  confirmed: Promise<void>
  /** Whether Redis was asked for it: what is heard before is from an earlier time. */
  isAsked: boolean
}

const BACKOFF_FIRST_MS = 50
const BACKOFF_MOST_MS = 2_000
/** Channels in one command. */
const SUBSCRIBED_AT_ONCE = 1_000

const noop = (): void => undefined
const messageOf = (thrown: unknown): string => (thrown instanceof Error && thrown.message !== '' ? thrown.message : String(thrown))

/** Rejects when a promise takes too long. What it does later is nobody's business. */
export async function within<Value>(ms: number, promise: Promise<Value>, what: string): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer ${what} within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks for many things, so many at a time: a thousand commands at once would keep everybody else's waiting. */
export async function inTurns<Item, Result>(items: readonly Item[], atOnce: number, ask: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += atOnce) results.push(...await Promise.all(items.slice(start, start + atOnce).map(ask)))
  return results
}

/** Makes a link. */
export function createRedisLink({ client, commandTimeoutMs, scripts, channels: initial, heard, prepare, state }: RedisLinkOptions): RedisLink {
  const wanted = new Map<string, Wanted>(initial.map((channel) => [channel, { confirmed: Promise.resolve(), isAsked: true }]))
  /** Channels that are being left: they are followed again only after that, or the one would undo the other. */
  const leaving = new Map<string, Promise<void>>()
  /** What Redis calls each script; those it would not load are sent whole. */
  const names = new Map<RedisScript, string>()
  let current: RedisConnection | null = null
  let phase: 'new' | 'connecting' | 'up' | 'closed' = 'new'
  let why = 'it was not opened yet'
  let attempt = 0
  let waiting: ReturnType<typeof setTimeout> | undefined
  let attempting: RedisConnection | null = null
  let opened: (() => void) | null = null

  function connected(): RedisConnection {
    if (current === null) throw new Error(`Redis is away: ${why}`)
    return current
  }

  function connect(): void {
    const connection: RedisConnection = client.connect({
      ended: (reason) => lose(connection, reason),
      heard: (channel, text) => {
        if (current === connection && wanted.get(channel)?.isAsked === true) heard(channel, text)
      },
    })
    attempting = connection
    begin(connection).catch((thrown: unknown) => lose(connection, messageOf(thrown)))
  }
  async function begin(connection: RedisConnection): Promise<void> {
    await within(commandTimeoutMs, connection.ready, 'a new connection')
    await Promise.all(scripts.map(async (script) => {
      const name = await within(commandTimeoutMs, connection.send(null, ['SCRIPT', 'LOAD', script.lua]), 'SCRIPT LOAD').catch(noop)
      if (typeof name === 'string') names.set(script, name)
    }))
    if (attempting !== connection) return
    const channels = [...wanted.keys()]
    current = connection
    for (let index = 0; index < channels.length; index += SUBSCRIBED_AT_ONCE) {
      await within(commandTimeoutMs, connection.subscribe(channels.slice(index, index + SUBSCRIBED_AT_ONCE)), 'SUBSCRIBE')
    }
    // Who was left meanwhile was not subscribed yet, and could not be left.
    for (const channel of channels) if (!wanted.has(channel) && !leaving.has(channel)) connection.unsubscribe([channel]).catch(noop)
    await prepare()
    if (current !== connection) return
    attempt = 0
    phase = 'up'
    if (opened === null) return state('up', `connected by ${client.name}`)
    opened()
    opened = null
  }

  function lose(connection: RedisConnection, reason: string): void {
    if (attempting !== connection) return
    const wasUp = phase === 'up'
    attempting = null
    current = null
    why = reason
    connection.close()
    if (phase === 'closed') return
    phase = 'connecting'
    if (wasUp) state('down', reason)
    const delay = Math.min(BACKOFF_FIRST_MS * 2 ** attempt++, BACKOFF_MOST_MS)
    // A callback may have closed the link.
    if ((phase as string) !== 'closed') waiting = setTimeout(connect, jittered(delay, 'equal', Math.random()))
  }

  const send = async (key: string | null, command: readonly string[]): Promise<unknown> =>
    within(commandTimeoutMs, connected().send(key, command), command[0] ?? '')

  return {
    open() {
      phase = 'connecting'
      return new Promise((resolve) => {
        opened = resolve
        connect()
      })
    },
    connection: () => (phase === 'up' ? current : null),
    send,
    async run(script, keys, values) {
      const rest = [String(keys.length), ...keys, ...values]
      const name = names.get(script)
      if (name !== undefined) {
        try {
          return await send(keys[0] ?? null, ['EVALSHA', name, ...rest])
        } catch (thrown) {
          if (!messageOf(thrown).startsWith('NOSCRIPT')) throw thrown
        }
      }
      return send(keys[0] ?? null, ['EVAL', script.lua, ...rest])
    },
    async follow(channel) {
      const connection = connected()
      const known = wanted.get(channel)
      if (known !== undefined) return known.confirmed
      const wish: Wanted = { confirmed: Promise.resolve(), isAsked: false }
      wish.confirmed = within(commandTimeoutMs, (leaving.get(channel) ?? Promise.resolve()).then(() => {
        wish.isAsked = true
        return connection.subscribe([channel])
      }), 'SUBSCRIBE')
      wanted.set(channel, wish)
      try {
        await wish.confirmed
      } catch (thrown) {
        if (wanted.get(channel) === wish) {
          wanted.delete(channel)
          current?.unsubscribe([channel]).catch(noop)
        }
        throw thrown
      }
    },
    unfollow(channel) {
      const wish = wanted.get(channel)
      const connection = current
      if (wish === undefined) return
      wanted.delete(channel)
      // Left while it is subscribed, it would be subscribed after it was left.
      const left = wish.confirmed
        .then(() => (current === connection && connection !== null ? within(commandTimeoutMs, connection.unsubscribe([channel]), 'UNSUBSCRIBE') : undefined))
        .catch(noop)
        .then(() => {
          if (leaving.get(channel) === left) leaving.delete(channel)
        })
      leaving.set(channel, left)
    },
    renew: lose,
    close() {
      phase = 'closed'
      clearTimeout(waiting)
      if (attempting !== null) lose(attempting, 'it was closed')
      why = 'it was closed'
    },
  }
}
