/**
 * One connection that is made of several: what is asked of it goes to whom it concerns, what they tell is told
 * once. `spread.ts` decides which sockets there are, `seat.ts` who has them, `front.ts` what a channel is.
 */
import { UplinkError } from '../core/errors.ts'
import { readNumber } from '../core/policy.ts'
import { createStats, statsSnapshot } from '../core/stats.ts'
import type { Connection } from '../engine/connection-interface.ts'
import { safeLogger } from '../engine/logger.ts'
import type { ConnectionOptions } from '../engine/options.ts'
import { browserPlatform } from '../engine/platform.ts'
import { createTelling } from '../engine/telling.ts'
import { createTimer } from '../engine/timer.ts'
import { createEars } from './ears.ts'
import { createFronts } from './fronts.ts'
import type { Health } from './health.ts'
import { type Member, createMember } from './member.ts'
import type { ResolvedPool } from './options.ts'
import type { Seat } from './seat.ts'
import { createSpread } from './spread.ts'
import { createSum } from './sum.ts'
import { createView } from './view.ts'

/** A pooled connection, and what only its pool asks it. */
export interface PooledConnection extends Connection {
  seats(): readonly Seat[]
  /** Hands every socket over now. */
  handOver(): void
  handOvers(): number
  isDestroyed(): boolean
}

/** Longest id of a client, with room for the number of a socket. */
const CLIENT_ID_LENGTH = 120

/** Makes the connection of a pool. @throws UplinkError `UPLINK_OPTION_INVALID`. */
export function createPooledConnection(pool: ResolvedPool, health: Health, options: Omit<ConnectionOptions, 'url'>): PooledConnection {
  const platform = options.platform ?? browserPlatform()
  const { storage, ...plain } = options
  const stats = createStats()
  const sum = createSum()
  const telling = createTelling(stats, platform, safeLogger(options.logger), () => depth > 0)
  const { emitter, fault, listenerFailed, later, tellAll } = telling
  const timer = createTimer(platform, () => enter(review))
  let depth = 0
  let members = 0
  let handOvers = 0
  let wanted = false
  let looking = false
  let destroyed = false
  let first: Member | undefined
  let clientId = (): string => first?.connection.clientId ?? ''

  const fronts = createFronts({
    pool,
    grace: readNumber('channelGrace', options.channelGrace, 1_000, 0, 3_600_000),
    resumes: options.protocol?.features.resume === true,
    follow: options.protocol?.follow,
    now: () => platform.now(),
    time: () => platform.time(),
    enter,
    seat: (front) => spread.seat(front),
    unseat: (front) => spread.unseat(front),
    others: (message) => ears.tell(message),
    isOver,
    gap: ({ name, params }, gap) => later(() => emitter.emit('gap', { channel: name, params, gap })),
    report: (thrown) => listenerFailed(thrown, 'message'),
    progress: () => view.show(),
    rearm: arm,
  })
  const ears = createEars({
    emitter, isKnown: fronts.isKnown, isOver,
    seats: () => spread.seats(),
    later: (tell) => enter(() => later(tell)),
    listenerFailed: (thrown) => listenerFailed(thrown, 'message'),
  })
  const view = createView({ platform, stats, telling, seats: () => spread.seats(), isBehind: fronts.isBehind })
  const spread = createSpread({
    pool, createMember: join, destroyMember,
    now: () => platform.now(),
    random: () => platform.random(),
    isWanted: () => wanted,
    hasOther: (server) => health.hasOther(server, platform.now()),
    report: fault,
    handedOver(old) {
      handOvers++
      view.passed(old.connection.snapshot().generation)
      view.show()
    },
    added(seat) {
      if (wanted) void seat.current().connection.connect()
    },
  })

  function isOver(): boolean {
    const { phase } = view.snapshot()
    return destroyed || phase === 'idle'
  }

  /** Everything that comes in goes through here: what is told waits until it is done. */
  function enter<Result>(run: () => Result): Result {
    depth++
    try {
      return run()
    } finally {
      depth--
      if (depth === 0) {
        arm()
        tellAll()
      }
    }
  }

  function arm(): void {
    timer.arm(destroyed ? Infinity : Math.min(fronts.deadline(), spread.deadline()))
  }

  function review(): void {
    fronts.tick()
    spread.review()
    view.show()
  }

  /** A member is in the middle of a step when it tells of a change: what follows from that comes after it. */
  function look(): void {
    view.show()
    if (looking) return
    looking = true
    queueMicrotask(() => {
      looking = false
      if (!destroyed) enter(review)
    })
  }

  const seatOf = (member: Member): Seat | undefined => spread.seats().find((seat) => seat.members().includes(member))

  function nameOfClient(): string | undefined {
    members++
    // A server takes two sockets of one name for one page and its remainder, and closes the older.
    return members === 1 ? options.clientId : `${clientId().slice(0, CLIENT_ID_LENGTH)}.${members}`
  }

  function join(avoid: number | undefined, leads: boolean): Member {
    const member: Member = createMember({
      pool, platform, health, avoid,
      options: leads && storage !== undefined ? { ...plain, storage } : plain,
      clientId: nameOfClient(),
      placeOf: (channel) => fronts.find(channel)?.place() ?? null,
      stood: (channel, standing) => fronts.find(channel)?.stood(member, standing),
      changed: () => enter(look),
      goodbye: () => enter(() => seatOf(member)?.goodbye(member)),
    })
    first ??= member
    ears.add(member, leads)
    return member
  }

  function destroyMember(member: Member): void {
    const { connection } = member
    connection.destroy()
    ears.remove(member)
    sum.keep(connection)
  }

  /** Nobody, once it is destroyed: what they counted is kept then. */
  const everybody = (): readonly Connection[] => (destroyed ? [] : spread.seats().flatMap((seat) => seat.members().map(({ connection }) => connection)))
  const wait = (all: ReadonlyArray<Promise<void>>): Promise<void> => {
    const done = Promise.all(all).then(() => undefined)
    done.catch(() => undefined)
    return done
  }

  function want(run: (connection: Connection) => void): void {
    wanted = true
    for (const connection of everybody()) run(connection)
    view.show()
  }

  function giveUp(run: (connection: Connection) => void): void {
    wanted = false
    spread.cancel()
    for (const connection of everybody()) run(connection)
    view.show()
  }

  return {
    get clientId() {
      return clientId()
    },
    connect: () => enter(() => {
      const promise = new Promise<void>((resolve, reject) => {
        if (destroyed) return reject(new UplinkError('UPLINK_DESTROYED', 'this connection was destroyed; make a new one'))
        if (view.snapshot().phase === 'open') return resolve()
        view.wait(resolve, reject)
        want((connection) => void connection.connect())
      })
      promise.catch(() => undefined)
      return promise
    }),
    disconnect: (how) => { if (!destroyed) enter(() => giveUp((connection) => connection.disconnect(how))) },
    reconnect: () => enter(() => {
      if (destroyed) return
      spread.cancel()
      want((connection) => connection.reconnect())
    }),
    probe: () => enter(() => { for (const seat of spread.seats()) seat.current().connection.probe() }),
    send: (message, how) => spread.lead().mouth().connection.send(message, how),
    sendWithAck: (message, how) => spread.lead().mouth().connection.sendWithAck(message, how),
    subscribe: ears.subscribe,
    channel: (name, params, how) => enter(() => fronts.lease(name, params, how)),
    on: ears.on,
    snapshot: view.snapshot,
    onChange: view.onChange,
    stats: () => sum.stats(statsSnapshot(stats, platform.time()), everybody()),
    latency: () => spread.lead().current().connection.latency(),
    history: view.history,
    outbox: () => sum.outbox(everybody()),
    forget: () => wait(everybody().map((connection) => connection.forget())),
    signedOut: () => enter(() => {
      const all: Array<Promise<void>> = []
      giveUp((connection) => all.push(connection.signedOut()))
      return wait(all)
    }),
    report: fault,
    seats: spread.seats,
    handOver: () => enter(() => { for (const seat of spread.seats()) seat.handOver() }),
    handOvers: () => handOvers,
    isDestroyed: () => destroyed,
    destroy() {
      if (destroyed) return
      enter(() => giveUp((connection) => connection.disconnect()))
      const name = clientId()
      clientId = () => name
      destroyed = true
      spread.destroy()
      fronts.destroy()
      ears.clear()
      view.clear()
      timer.arm(Infinity)
    },
  }
}
