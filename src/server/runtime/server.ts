/** `createUplinkServer`: the hub in the middle, doors on one side, a broker on the other. It performs what the hub asks for. */
import { randomUUID } from 'node:crypto'
import { createChannels } from '../access/channels.ts'
import { memoryBroker } from '../brokers/memory.ts'
import type { Notice } from '../brokers/broker.ts'
import { withLocalChannels } from '../brokers/local.ts'
import type { DoorHost, OpenDoor } from '../doors/door.ts'
import type { HubEffect, HubInput } from '../effects.ts'
import { createHub } from '../hub.ts'
import { createResults } from '../results.ts'
import type { Revocation } from '../revoked.ts'
import { NOBODY } from '../session.ts'
import type { User } from '../user.ts'
import { checkOptions } from './check-options.ts'
import { systemClock } from './clock.ts'
import { createCommands } from './commands.ts'
import { createGuests } from './guests.ts'
import { createHealth } from './health.ts'
import { SILENT, type UplinkServerOptions, originRule, resolveLimits } from './options.ts'
import { createOutbound } from './outbound.ts'
import { createPresence } from './presence.ts'
import { createPublishing } from './publishing.ts'
import { createQuestions } from './questions.ts'
import { createReads } from './reads.ts'
import { checkRevocation } from './revocation.ts'
import { createRevocations } from './revocations.ts'
import type { UplinkServer } from './server-interface.ts'
import { statsOf } from './statistics.ts'
import { count, createCounters } from './stats.ts'
import { createStreams } from './streams.ts'

const TICK_MS = 1_000
/** Nobody fills more than this part of the memory of results. */
const RESULTS_SHARES = 20

/**
 * Makes a server over your own HTTP server.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the option and what is allowed
 * @example
 * const server = createUplinkServer({
 *   doors: [wsDoor({ server: http })],
 *   authenticate: jwt({ secret: process.env.JWT_SECRET, issuer: 'https://login.example', audience: 'dashboard' }),
 *   channels: [channel('prices', { subscribe: everyone })],
 *   origins: ['https://app.example'],
 * })
 * await server.publish('prices', { symbol: 'BTC', bid: 1 }, { key: 'BTC' })
 */
export function createUplinkServer(options: UplinkServerOptions): UplinkServer {
  checkOptions(options)
  const { clock = systemClock, logger = SILENT, handlers = {}, pingIntervalMs = 25_000, idleTimeoutMs = Infinity, verifyIntervalMs = 30_000, sharedLimiter = null } = options
  const limits = resolveLimits(options)
  const channels = createChannels(options.channels)
  const broker = withLocalChannels(options.broker ?? memoryBroker(), (stream) => channels.find(stream.split('?', 1)[0] ?? '')?.definition.local === true)
  const nodeId = randomUUID()
  const counters = createCounters()
  const isAllowedOrigin = originRule(options.origins, process.env['NODE_ENV'] === 'production')
  const openDoors: OpenDoor[] = []
  let sessions = 0
  let phase: 'opening' | 'open' | 'draining' | 'closed' = 'opening'

  const failed = (what: string, error: unknown): void => logger.error({ err: error, nodeId }, `could not ${what}`)
  const { rates } = limits
  const hub = createHub({
    limits: { maxFrame: limits.maxFrame, maxChannels: limits.maxChannels, resultsTtl: limits.resultsTtlMs, messages: rates.messages, commands: rates.commands },
    results: createResults(randomUUID(), { ttlMs: limits.resultsTtlMs, count: limits.resultsMost, perIdentity: Math.ceil(limits.resultsMost / RESULTS_SHARES) }),
    helloTimeoutMs: limits.helloTimeoutMs, expiry: limits.expiry, rates, idleTimeoutMs, recalls: broker.results !== null,
    ...(broker.results === null ? {} : { resultsEpoch: broker.results.epoch }),
    sessionName: (number) => `${nodeId.slice(0, 8)}-${number}`,
  })
  const userOf = (session: number): User => hub.sessions.get(session)?.user ?? NOBODY
  const outbound = createOutbound({
    clock, budgetBytes: limits.budgetBytes, tell, maxFrameOf: (session) => hub.sessions.get(session)?.maxFrame ?? Infinity,
    policyOf: (stream) => streams.policyOf(stream), leftOut: (policy) => count(counters.slow, policy),
    tooSlow(session) {
      count(counters.slow, 'closed')
      shut(session, 4413, 'too slow to take what was sent')
    },
  })
  const health = createHealth({ broker, clock, phase: () => phase })
  const guests = createGuests({
    clock, limits: limits.guests, authenticate: options.authenticate, sharedLimiter, isAllowedOrigin, failed,
    isReturning(session, identity) {
      const clientId = hub.sessions.get(session)?.clientId ?? ''
      return clientId !== '' && [...hub.sessions.values()].some(({ number, user, clientId: other }) => number !== session && user.identity === identity && other === clientId)
    },
    turnedAway(why) {
      count(counters.turnedAway, why)
      logger.info({ why, nodeId }, 'turned a client away')
    },
  })
  const streams = createStreams({
    clock, broker, history: limits.history, recovery: limits.recovery, verifyEveryMs: verifyIntervalMs, failed, together: (run) => outbound.together(run),
    tell(input) {
      // Who is behind continues from where it is itself, not from where the others are.
      if (input.type === 'missed' || input.type === 'reset') outbound.catchUp(input.stream)
      tell(input)
    },
    sent: health.sent,
    repaired: (isWhole) => { counters[isWhole ? 'repairs' : 'repairsFailed']++ },
  })
  const questions = createQuestions({ channels, streams, counters, userOf, tell, failed })
  const reads = createReads(clock, (session) => (outbound.clients.get(session)?.end.waitingBytes() ?? 0) <= limits.budgetBytes / 4)
  const { publishOn, streamOf } = createPublishing({ channels, streams, clock, counters, isClosed: () => phase === 'closed' })
  const commands = createCommands({
    clock, handlers, handlerTimeoutMs: limits.handlerTimeoutMs, shared: broker.results, tell, failed,
    permit: (user, channel) => channels.permit(user, 'publish', channel),
    publish: (channel, stream, { type, data }) => publishOn(channel, stream, { type, data }),
  })

  function tell(input: HubInput): void {
    for (const effect of hub.step(input, clock.now(), clock.time())) perform(effect)
  }

  function perform(effect: HubEffect): void {
    switch (effect.type) {
      case 'send': return outbound.send(effect)
      case 'close': return close(effect)
      case 'authenticate': return void authenticate(effect).catch((error: unknown) => failed('authenticate', error))
      case 'authorize': return questions.authorize(effect)
      case 'read': return reads.enqueue(effect.session, () => questions.read(effect))
      case 'page': return reads.enqueue(effect.session, () => questions.page(effect))
      case 'handle':
        counters.messagesIn++
        return commands.handle(effect, { user: userOf(effect.session), clientId: hub.sessions.get(effect.session)?.clientId ?? '', session: effect.session })
      case 'recall': return commands.recall(effect)
      case 'followed': return streams.followed(effect.stream, effect.isFollowed)
      case 'ban':
        logger.warn({ session: effect.session, identity: effect.identity, forMs: effect.forMs, nodeId }, 'keeps a client out')
        return guests.ban(effect.session, effect.identity, effect.forMs)
      default: return effect satisfies never
    }
  }

  function close({ session, code, reason }: HubEffect & { readonly type: 'close' }): void {
    count(counters.closes, String(code))
    const client = outbound.remove(session)
    client?.end.close(code, reason)
    if (client !== undefined) left(session)
  }

  /** Ends a connection that the hub did not ask to end. */
  function shut(session: number, code: number, reason: string): void {
    close({ type: 'close', session, code, reason })
    tell({ type: 'closed', session })
  }

  const say = (session: number, frame: object): void => outbound.send({ type: 'send', to: [session], text: JSON.stringify(frame) })

  function left(session: number): void {
    counters.connectionsClosed++
    reads.forget(session)
    guests.left(session)
  }

  async function authenticate({ question, session, credentials }: HubEffect & { readonly type: 'authenticate' }): Promise<void> {
    await guests.judge(session, credentials, (judgement) => {
      if ('verdict' in judgement) {
        if (judgement.verdict === null) counters.authenticationFailed++
        return tell({ type: 'verdict', question, ...judgement })
      }
      const { waitMs: retryAfter, reason, code } = judgement
      // Newer credentials that cannot be judged now: the old ones hold as long as they do.
      if (hub.sessions.get(session)?.phase === 'open') {
        return say(session, { type: 'error', code: reason, message: 'the credentials cannot be checked now', retryable: true, retryAfter })
      }
      say(session, { type: 'goodbye', reason, retryAfter })
      return shut(session, code, reason)
    })
  }

  const hostFor = (door: UplinkServerOptions['doors'][number]): DoorHost => ({
    maxFrame: limits.maxFrame,
    helloTimeoutMs: limits.helloTimeoutMs,
    isAllowedOrigin,
    admit: (request) => (phase === 'open' ? guests.admit(request) : { status: 503, reason: 'not open', retryAfterMs: 1_000 }),
    arrived: guests.arrived,
    enter(end, { address, headers, isPlain, credentials }) {
      const session = ++sessions
      counters.connectionsOpened++
      outbound.add({ number: session, door, isPlain, end, lag: null, pending: null })
      guests.entered(session, { address, door: door.name, headers })
      tell({ type: 'opened', session, plain: isPlain, credentials })
      return session
    },
    frame(session, text) {
      if (!outbound.clients.has(session)) return
      try {
        tell({ type: 'frame', session, text })
      } catch (error) {
        // What one client sends must not become everybody's.
        failed('read a frame', error)
        shut(session, 1011, 'internal error')
      }
    },
    left(session) {
      if (outbound.remove(session) === undefined) return
      left(session)
      tell({ type: 'closed', session })
    },
    report: (error) => failed(`serve the door ${door.name}`, error),
  })

  function voided(revocation: Revocation): void {
    guests.revoke(revocation)
    tell({ type: 'revoked', ...revocation })
  }

  function heard(notice: Notice): void {
    switch (notice.type) {
      case 'revoked': {
        const { type: _, ...revocation } = notice
        return voided(revocation)
      }
      case 'presence': return presence.heard(notice)
      case 'roles': return tell(notice)
      case 'result': return tell({ ...notice, type: 'finished' })
      default: return notice satisfies never
    }
  }

  const revocations = createRevocations({ broker, clock, apply: voided, failed, isClosed: () => phase === 'closed' })
  const presence = createPresence({
    clock, nodeId, isShared: broker.results !== null, tell: broker.tell,
    counts: () => Object.fromEntries([...hub.followers()].filter(([stream]) => channels.find(stream.split('?', 1)[0] ?? '')?.definition.presence === true)),
  })
  const ticking = setInterval(() => tell({ type: 'tick' }), TICK_MS).unref()
  const probing = setInterval(() => { for (const door of openDoors) door.probe() }, pingIntervalMs).unref()
  const ready = broker.open({
    published: streams.published, reset: streams.reset, notice: heard,
    state(state, reason) {
      logger[state === 'up' ? 'info' : 'error']({ broker: broker.name, reason, nodeId }, `broker ${state}`)
      if (!health.brokerIs(state) || phase !== 'open') return
      if (state === 'up') {
        void streams.verify()
        void revocations.catchUp()
      }
      tell(state === 'up'
        ? { type: 'notice', code: 'restored', message: 'the server is whole again' }
        : { type: 'notice', code: 'degraded', message: 'the server cannot reach what lies behind it; messages may be late' })
    },
  }).then(revocations.catchUp).then(() => {
    if (phase === 'opening') phase = 'open'
  })
  ready.catch((error: unknown) => failed('open the broker', error))
  for (const door of options.doors) openDoors.push(door.open(hostFor(door)))

  async function end(): Promise<void> {
    if (phase === 'closed') return
    phase = 'closed'
    clearInterval(ticking)
    clearInterval(probing)
    await Promise.all(openDoors.map((door) => door.close()))
    outbound.stop()
    streams.stop()
    presence.stop()
    await broker.close()
  }

  return {
    nodeId,
    channels,
    ready,
    publish: async (channel, data, how = {}) => publishOn(channel, streamOf(channel, how.params), { ...how, data }),
    reset: async (channel, params) => broker.reset(streamOf(channel, params), channel),
    async revoke(revocation) {
      const { sessionId, issuedBefore } = checkRevocation(revocation)
      // Who is revoked by name may sign in again: what is made from now on is good.
      await revocations.revoke(sessionId === undefined && issuedBefore === undefined ? { ...revocation, issuedBefore: clock.time() } : revocation)
    },
    setRoles: async (userId, roles) => broker.tell({ type: 'roles', userId, roles }),
    explain: async (user, channel) => channels.explain({ ...NOBODY, ...user }, channel),
    presence: (channel, params) => presence.of(streamOf(channel, params)),
    stats: () => statsOf({ hub, outbound, counters, broker: health.broker(), lags: health.lags }),
    health: async () => health.check(),
    isReady: () => phase === 'open' && health.broker().state === 'up',
    async drain({ reason = 'restarting', spreadMs = 5_000, graceMs = 5_000 } = {}) {
      if (phase === 'closed') return
      phase = 'draining'
      for (const door of openDoors) door.shut()
      const total = Math.max(1, outbound.clients.size)
      let index = 0
      // Everybody gets a moment of their own, so that they do not all come back at once.
      tell({ type: 'goodbye', reason, retryAfterMs: () => Math.round((index++ / total) * spreadMs) })
      const until = clock.now() + graceMs
      while (commands.running() > 0 && clock.now() < until) await new Promise<void>((resolve) => void clock.setTimer(resolve, 20))
      for (const session of [...outbound.clients.keys()]) shut(session, 1012, reason)
      await end()
    },
    close: end,
  }
}
