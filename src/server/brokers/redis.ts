/**
 * A broker in Redis: many nodes, streams that outlive them, results that all of them share. docs/redis.md says what
 * lies where, and what happens when Redis goes away.
 */
import type { Position } from '../../protocol/message.ts'
import type { HistoryLimits, Publication, RecoveryLimits } from '../stream.ts'
import { bodyOf, readHistory } from '../stream.ts'
import type { Broker, BrokerEvents, Notice, SharedResults } from './broker.ts'
import type { RedisLike } from './redis-client.ts'
import { redisKeys } from './redis-keys.ts'
import { createRedisLink, inTurns, within } from './redis-link.ts'
import { type LoggedEntry, readLogItem, readLogReply, readNotice, readPosition, readStreamPayload } from './redis-payload.ts'
import { createRedisResults } from './redis-results.ts'
import { PAGE, PUBLISH, READ, RESET, SCRIPTS, STAND } from './redis-scripts.ts'
import { createSightings } from './redis-sightings.ts'

/** Options of {@link redisBroker}. */
export interface RedisBrokerOptions {
  /** `fromNodeRedis(client)` or `fromIoredis(client)`. */
  readonly client: RedisLike
  /** Begins every key and channel. @default 'uplink' */
  readonly prefix?: string
  /** Names this node in Redis, for people who look there; a random part is added. @default 'node' */
  readonly nodeId?: string
  /** How long results are remembered, ms. @default 600_000 */
  readonly resultsTtlMs?: number
  /** How long a node is believed to live after its last sign, ms; it gives one three times as often, and notices a dead link as fast. @default 10_000 */
  readonly leaseMs?: number
  /** How long a command may take, ms; then it rejects. @default 2_000 */
  readonly commandTimeoutMs?: number
  /** How long the counter of a stream is kept after its last use, ms; a stream that lost it has another epoch. @default 30 days */
  readonly metaTtlMs?: number
  /** Largest message, notice or answer, characters. A larger one rejects; one that comes from Redis is ignored. @default 1_048_576 */
  readonly maxMessageSize?: number
}

/** A broker in Redis. */
export interface RedisBroker extends Broker {
  readonly results: SharedResults
  /** How often something came from Redis that no node wrote. */
  readonly malformed: number
}

const DAY_MS = 86_400_000
const ONCE_MS = 600_000
/** Streams that are asked for at once: comparing all positions must not keep publications waiting. */
const ASKED_AT_ONCE = 256
/** Longer ages than a human lifetime are none, and Redis could not count them. */
const AGE_LONGEST_MS = 1e12

const whole = (value: number): string => String(Math.max(0, Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER)))
const ageOf = (ms: number | undefined): string => (ms === undefined || ms > AGE_LONGEST_MS ? '' : whole(ms))

/** 74 random bits: a version and a variant take six of these. */
const drawEpoch = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, 20)

/**
 * A broker in Redis 6.2 or newer, alone or as a cluster. It makes two connections like the given client, and never
 * uses the client itself. `open` resolves when Redis is there, however long that takes; while it is away everything
 * rejects at once, and nothing is sent later.
 *
 * A publication that rejects because Redis did not answer may have been made, and is not made later; give it an
 * `idempotencyKey`, and publish it again.
 *
 * @example
 * const broker = redisBroker({ client: fromNodeRedis(createClient({ url: 'redis://localhost:6379' })) })
 */
export function redisBroker(options: RedisBrokerOptions): RedisBroker {
  const {
    client, prefix = 'uplink', nodeId = 'node', resultsTtlMs = 600_000, leaseMs = 10_000, commandTimeoutMs = 2_000, metaTtlMs = 30 * DAY_MS,
    maxMessageSize = 1_048_576,
  } = options
  const keys = redisKeys(prefix)
  const owner = `${nodeId}:${drawEpoch()}`
  const ownChannel = keys.lease(owner)
  /** Channels of the streams that are followed. */
  const followed = new Map<string, string>()
  /** Who waits for which sign of life to come back. */
  const probes = new Map<string, () => void>()
  let events: BrokerEvents | null = null
  let beating: ReturnType<typeof setInterval> | undefined
  let isBeating = false
  let malformed = 0
  /** The clock of Redis minus ours, ms. */
  let aheadMs = 0
  const sightings = createSightings()
  /** Streams of which an offset was heard twice, until Redis has begun them anew. */
  const doubted = new Set<string>()

  const link = createRedisLink({
    client, commandTimeoutMs, scripts: SCRIPTS, channels: [keys.notices, ownChannel], heard,
    async prepare() {
      results.connected()
      await Promise.all([results.renew(), compareClocks()])
    },
    state: (state, reason) => events?.state(state, reason),
  })
  const results = createRedisResults({ link, keys, owner, resultsTtlMs, leaseMs, longest: maxMessageSize, epoch: drawEpoch })

  function heard(channel: string, text: string): void {
    if (channel === ownChannel) return probes.get(text)?.()
    if (channel === keys.notices) {
      const notice = readNotice(text, maxMessageSize)
      if (notice === null) malformed++
      else events?.notice(notice)
      return
    }
    const stream = followed.get(channel)
    if (stream === undefined) return
    const payload = readStreamPayload(text, maxMessageSize)
    if (payload === null) malformed++
    else if (payload.type === 'reset') {
      sightings.stands(stream, payload.epoch, 0)
      events?.reset(stream, payload.epoch)
    } else {
      const { epoch, entry, at } = payload
      if (!sightings.hears(stream, epoch, entry.offset, at)) doubt(stream)
      events?.published(stream, epoch, entry, at)
    }
  }

  /** Where a stream stands; one that has lost what this node has seen of it is begun anew first. */
  async function stand(stream: string, isCertain = false): Promise<Position | null> {
    const { meta, log, channel } = keys.stream(stream)
    const position = readPosition(await link.run(STAND, [meta, log], [drawEpoch(), channel, whole(metaTtlMs), sightings.of(stream), isCertain ? '1' : '']))
    if (position !== null) sightings.stands(stream, position.epoch, position.offset)
    return position
  }

  /** An offset was given twice: whoever holds the one message would miss the other. */
  function doubt(stream: string): void {
    if (doubted.has(stream)) return
    doubted.add(stream)
    // Where that fails, the next comparison of positions finds it.
    void stand(stream, true).catch(() => null).finally(() => doubted.delete(stream))
  }

  async function compareClocks(): Promise<void> {
    const sentAt = Date.now()
    const reply = await link.send(null, ['TIME'])
    const [seconds, micros] = Array.isArray(reply) ? (reply as readonly unknown[]).map(Number) : []
    const time = (seconds ?? NaN) * 1_000 + (micros ?? NaN) / 1_000
    if (Number.isFinite(time)) aheadMs = time - (sentAt + Date.now()) / 2
  }

  async function probe(): Promise<void> {
    const sign = drawEpoch()
    const back = new Promise<void>((resolve) => probes.set(sign, resolve))
    try {
      await within(commandTimeoutMs, Promise.all([results.renew(), compareClocks(), link.send(null, ['PUBLISH', ownChannel, sign]), back]), 'a sign of life')
    } finally {
      probes.delete(sign)
    }
  }

  /** Renews the lease, and finds connections that are dead and do not know it. */
  async function beat(): Promise<void> {
    const connection = link.connection()
    if (isBeating || connection === null) return
    isBeating = true
    await probe().catch((thrown: unknown) => link.renew(connection, thrown instanceof Error ? thrown.message : String(thrown)))
    isBeating = false
  }

  function checked(item: unknown): LoggedEntry | null {
    const entry = readLogItem(item)
    if (entry === null) malformed++
    return entry
  }

  /** Entries that join; what is malformed makes a hole, and what lies before a hole is not told. */
  function joined(items: readonly unknown[]): LoggedEntry[] {
    let entries: LoggedEntry[] = []
    for (const item of items) {
      const entry = checked(item)
      const last = entries.at(-1)
      if (entry === null || (last !== undefined && entry.from !== last.offset + 1)) entries = []
      if (entry !== null) entries.push(entry)
    }
    return entries
  }

  function bodyFor(stream: string, channel: string, publication: Publication): string {
    const { covers = 1 } = publication
    if (!Number.isSafeInteger(covers) || covers < 1) throw new RangeError(`covers is ${covers}: give a whole number from 1 on`)
    const body = bodyOf(stream, channel, publication)
    const length = body.length + (publication.key?.length ?? 0)
    if (length > maxMessageSize) throw new RangeError(`a message of ${length} characters is too large: ${maxMessageSize} are allowed (maxMessageSize)`)
    return body
  }

  const metaLife = ({ ageMs }: HistoryLimits): string => whole(Math.max(metaTtlMs, ageMs > AGE_LONGEST_MS ? 0 : ageMs))

  return {
    name: 'redis',
    results,
    get malformed() {
      return malformed
    },
    async open(given) {
      events = given
      await link.open()
      beating = setInterval(() => void beat(), leaseMs / 3)
      // A node that has nothing else to do may end. Browsers' types know no `unref`.
      ;(beating as unknown as { unref?(): void }).unref?.()
    },
    async publish(stream, channel, publication, { history, idempotencyKey }) {
      const body = bodyFor(stream, channel, publication)
      const { meta, log, channel: published, once } = keys.stream(stream)
      const { key, ttlMs, covers = 1 } = publication
      const position = readPosition(await link.run(PUBLISH, idempotencyKey === undefined ? [meta, log] : [meta, log, once(idempotencyKey)], [
        drawEpoch(), channel, published, body, String(body.length), String(covers), key === undefined ? '' : JSON.stringify(key), ageOf(ttlMs),
        whole(history.count), whole(history.size), ageOf(history.ageMs), metaLife(history), String(ONCE_MS),
        // Redis may have been asleep with this in its hands: what was given up on must not be told long after.
        whole(Date.now() + aheadMs + commandTimeoutMs), sightings.of(stream),
      ]))
      if (position === null) throw new Error(`Redis holds something else than stream "${stream}"`)
      // What an idempotency key remembers may lie in an epoch that is over.
      if (idempotencyKey === undefined) sightings.stands(stream, position.epoch, position.offset)
      return position
    },
    async follow(stream) {
      const { channel } = keys.stream(stream)
      followed.set(channel, stream)
      await link.follow(channel)
    },
    unfollow(stream) {
      const { channel } = keys.stream(stream)
      followed.delete(channel)
      link.unfollow(channel)
    },
    async read(stream, channel, position, mode, recovery: RecoveryLimits) {
      const { meta, log, channel: published } = keys.stream(stream)
      const { epoch, top, now, items } = readLogReply(await link.run(READ, [meta, log], [
        drawEpoch(), channel, mode, position?.epoch ?? '', position === null ? '' : whole(position.offset),
        whole(recovery.count), whole(recovery.size), whole(metaTtlMs), published, sightings.of(stream),
      ]))
      sightings.stands(stream, epoch, top)
      return readHistory({ name: stream, channel, epoch, top, entries: joined(items), size: 0 }, position, mode, recovery, now)
    },
    tops: (streams) => inTurns(streams, ASKED_AT_ONCE, (stream) => stand(stream)),
    async page(stream, before, limit) {
      const { meta, log } = keys.stream(stream)
      const { epoch, top, items } = readLogReply(await link.run(PAGE, [meta, log], [
        drawEpoch(), stream, before === undefined ? '' : whole(before), whole(limit), whole(metaTtlMs),
      ]))
      return { epoch, top, entries: items.map(checked).filter((entry) => entry !== null).reverse() }
    },
    async reset(stream, channel) {
      const { meta, log, channel: published } = keys.stream(stream)
      await link.run(RESET, [meta, log], [drawEpoch(), channel, published, whole(metaTtlMs)])
    },
    async tell(notice: Notice) {
      const text = JSON.stringify(notice)
      if (text.length > maxMessageSize) throw new RangeError(`a notice of ${text.length} characters is too large: ${maxMessageSize} are allowed (maxMessageSize)`)
      await link.send(null, ['PUBLISH', keys.notices, text])
    },
    probe,
    async close() {
      clearInterval(beating)
      // Whoever cannot give the lease back lets it run out.
      if (link.connection() !== null) await results.release().catch(() => undefined)
      link.close()
    },
  }
}
