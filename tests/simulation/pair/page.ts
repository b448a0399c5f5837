/** A page of a world: the real client, on a platform that can die with it. */
import { type ChannelLease, type Connection, type MessageStorage, type Priority, createConnection } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'
import { type FakePlatform, type SimulatedNetwork, type VirtualClock, createFakePlatform, watchInvariants } from 'uplink/testing'
import { type Rules, insist } from './rules.ts'

/** What a page is made of. */
export interface PageParts {
  readonly name: string
  readonly seed: number
  readonly clock: VirtualClock
  readonly network: SimulatedNetwork
  readonly disk: { readonly storage: MessageStorage; crash(): void }
  readonly rules: Rules
  readonly random: () => number
  /** What the credential provider does when it is asked. */
  readonly token: () => Promise<string | null> | string | null
  /** Hears every signal of the machine, with the phase it came in. */
  signal(phase: string, signal: string): void
}

export interface Page {
  readonly name: string
  readonly platform: FakePlatform
  readonly connection: Connection
  /** Promises that have not been answered. */
  pending(): number
  connect(): void
  /** Sends a message; a page in the back/forward cache cannot. */
  send(): void
  /** The page goes into the back/forward cache, and comes back. */
  putAway(forMs: number): void
  follow(channel: string): void
  leave(channel: string): void
  followed(): readonly string[]
  /** The page dies: nothing of it runs any more. */
  kill(): void
  /** Whether everything has healed. @throws Error with what has not */
  healed(): void
  /** `pages` is the number of pages so far: each may have left its messages to this one. */
  check(pages: number): void
}

export const QUEUE = 40
export const IN_FLIGHT = 15

/** So long after its connection was lost a page has written down what it has not sent, however slow the disk. */
const HASTE_MS = 5_000

const PRIORITIES: readonly Priority[] = ['critical', 'high', 'normal', 'low']

/** Opens a page. */
export function createPage({ name, seed, clock, network, disk, rules, random, token, signal }: PageParts): Page {
  let dead = false
  const alive = createFakePlatform({ clock, seed })
  const timers = new Set<unknown>()
  const platform: FakePlatform = {
    ...alive,
    setTimer(callback, delayMs) {
      if (dead) return 0
      const timer = alive.setTimer(callback, delayMs)
      timers.add(timer)
      return timer
    },
  }
  const leases = new Map<string, ChannelLease>()
  const links = new Set<number>()
  let pending = 0
  let serial = 0
  let away = 0
  const serials: Record<Priority, number> = { critical: 0, high: 0, normal: 0, low: 0 }

  const connection = createConnection({
    url: 'wss://world.example', protocol: uplink(), platform, clientId: name, queueSize: QUEUE, maxInFlight: IN_FLIGHT, messageTtl: 120_000,
    messageTimeout: 4_000, messageRetries: 2, maxReconnectAttempts: 6, breakerCooldown: 30_000, identity: 'ann', storage: disk.storage,
    credentials: token,
    transport: (request, events) => {
      if (dead) throw new Error('the page is gone')
      const before = new Set(network.alive())
      const socket = network.transport(request, {
        opened: (protocol) => { if (!dead) events.opened(protocol) },
        frame: (frame) => { if (!dead) events.frame(frame) },
        closed: (loss) => { if (!dead) events.closed(loss) },
      })
      for (const link of network.alive()) if (!before.has(link)) links.add(link)
      return {
        close: (code, reason) => socket.close(code, reason),
        get bufferedAmount() {
          return socket.bufferedAmount
        },
        send(frame) {
          for (const [, id = ''] of String(frame).matchAll(/"id":"([^"]+)"/g)) {
            const message = rules.sent.get(id)
            if (message !== undefined) message.reached = true
          }
          socket.send(frame)
        },
      }
    },
    logger: {
      debug: (text, details) => { if (text.startsWith('signal ')) signal((details as { phase: string }).phase, text.slice(7)) },
      info: () => undefined, warn: () => undefined, error: () => undefined,
    },
  })

  let openUntil = -Infinity
  connection.on('statechange', ({ from, to }) => {
    if (to === 'connected') openUntil = Infinity
    else if (from === 'connected') openUntil = clock.now()
  })
  const inHaste = (): void => { if (clock.now() - openUntil < HASTE_MS) rules.goesInHaste() }

  const invariants = watchInvariants(connection, { clock })
  const watched = new Map<string, () => void>()
  const outcome = (id: string, what: string): void => { if (!dead) rules.outcome(name, id, what) }
  connection.on('messageAcknowledged', ({ id }) => outcome(id, 'delivered'))
  connection.on('messageRejected', ({ id }) => outcome(id, 'rejected'))
  connection.on('messageUnknown', ({ id, error }) => outcome(id, error.message.startsWith('another page') ? 'handed over, sent' : 'unknown'))
  connection.on('messageDropped', ({ id, reason }) => outcome(id, reason === 'adopted' ? 'handed over' : reason === 'expired' ? 'expired' : 'dropped'))
  connection.on('messageKept', ({ id }) => outcome(id, 'handed over, kept'))
  connection.on('messagePersisted', ({ id }) => {
    const sent = rules.sent.get(id)
    insist(sent !== undefined, 'only messages that were sent are persisted')
    sent.persisted = true
  })
  connection.on('error', ({ code }) => { if (code === 'UPLINK_CHANNEL_TIMEOUT') rules.tiredOfWaiting(name) })
  connection.on('error', () => { if (random() < 0.01) throw new Error('a listener of the user') })

  function send(): void {
    if (away > 0) return
    const priority = PRIORITIES[Math.floor(random() * 4)] as Priority
    const id = `${name}-${++serial}`
    rules.sent.set(id, {
      id, page: name, priority, serial: ++serials[priority], idempotent: random() < 0.2, outcome: null, toldBy: null, persisted: false, delayed: false, reached: false, spared: false,
    })
    const { idempotent } = rules.sent.get(id) as { idempotent: boolean }
    pending++
    void connection.sendWithAck({ type: 'n', id }, { priority, idempotent }).then(() => { pending-- })
  }

  function follow(channel: string): void {
    if (leases.has(channel)) return
    const lease = connection.channel(channel)
    leases.set(channel, lease)
    rules.follows(name, channel)
    watched.set(channel, invariants.follow(lease))
    lease.onGap(({ reason }) => { if (!dead) rules.gap(name, channel, reason) })
    lease.onMessage((data) => {
      const { epoch, offset } = data as { epoch: string; offset: number }
      if (!dead) rules.heard(name, channel, epoch, offset)
    })
  }

  return {
    name,
    platform,
    connection,
    pending: () => pending,
    followed: () => [...leases.keys()],
    connect() {
      pending++
      connection.connect().then(() => { pending-- }, () => { pending-- })
    },
    send,
    putAway(forMs) {
      inHaste()
      platform.fire('pagehide')
      away++
      clock.setTimer(() => {
        away--
        platform.fire('pageshow')
      }, forMs)
    },
    follow,
    leave(channel) {
      watched.get(channel)?.()
      leases.get(channel)?.release()
      leases.delete(channel)
    },
    kill() {
      inHaste()
      dead = true
      for (const timer of timers) alive.clearTimer(timer)
      disk.crash()
      network.cut((link) => links.has(link))
    },
    healed: invariants.healed,
    check(pages) {
      invariants.check()
      const { queued, inFlight } = connection.outbox()
      insist(queued <= (QUEUE + IN_FLIGHT) * pages, 'the outbox keeps its bound')
      insist(inFlight <= (QUEUE + IN_FLIGHT) * pages, 'the messages without an answer keep their bound')
      insist(network.alive().filter((link) => links.has(link)).length <= 1, 'at most one socket of a page is alive')
    },
  }
}
