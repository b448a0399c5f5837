/**
 * One seed, one world: a pool over a cluster whose nodes die, drain, hang and slow down, on a page with a life of
 * its own. What must always hold is checked after every step; then comes a calm in which everything has to heal.
 */
import type { ChannelLease, Connection } from 'uplink/engine'
import { type Pool, pool } from 'uplink/pool'
import { uplink } from 'uplink/protocols/uplink'
import { createFakePlatform, seededRandom, watchInvariants } from 'uplink/testing'
import { type Cluster, createCluster } from './cluster.ts'

/** What came up in a world. */
export interface Outcome {
  readonly faults: ReadonlyMap<string, number>
  readonly handOvers: number
  readonly messages: number
  readonly sockets: number
}

const STEPS = 60
const CALM_MS = 180_000
const CHANNELS = 9
const NEVER_TRIMMED = { count: 1_000_000, size: 1e9, ageMs: 1e12 }

interface Followed {
  readonly name: string
  readonly lease: ChannelLease
  /** The last number that was heard; `null` before the first. */
  last: number | null
}

/** Runs the world of a seed. @throws Error that names the seed, the step and the broken rule. */
export async function runWorld(seed: number): Promise<Outcome> {
  const random = seededRandom(seed)
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value
  const platform = createFakePlatform({ seed })
  const maxChannels = pick([Infinity, 3, 5])
  const cluster: Cluster = createCluster(platform, 3, { history: NEVER_TRIMMED, limits: { maxFrame: 1_048_576, maxChannels: maxChannels === Infinity ? 200 : maxChannels, resultsTtl: 600_000 } })
  const servers: Pool = pool(cluster.urls, { lifetime: pick([Infinity, 20_000, 60_000]), maxChannels, maxSockets: 4 })
  const connection: Connection = servers.connection({ protocol: uplink(), platform, transport: cluster.transport, maxReconnectAttempts: 5, breakerCooldown: 60_000 })
  const invariants = watchInvariants(connection, { clock: platform.clock })
  const faults = new Map<string, number>()
  const followed: Followed[] = []
  const published = new Map<string, number>()
  const sent = new Map<number, string>()
  let broken: string | undefined
  let messages = 0
  let serial = 0
  let promises = 0
  let settled = 0
  let sockets = 0

  function insist(holds: boolean, rule: string): void {
    if (!holds) broken ??= rule
  }

  for (let n = 0; n < CHANNELS; n++) publish(`c${n}`)
  connection.on('error', ({ code, channel }) => {
    insist(code !== 'UPLINK_CHANNEL_REFUSED', `no socket carries more channels than it may: ${channel}`)
    if (random() < 0.02) throw new Error('a listener of the user')
  })

  function publish(name: string): void {
    const next = (published.get(name) ?? 0) + 1
    published.set(name, next)
    cluster.backend.publish(name, next)
  }

  function follow(): void {
    const name = `c${Math.floor(random() * CHANNELS)}`
    const one: Followed = { name, lease: connection.channel(name), last: null }
    one.lease.onGap(({ reason }) => insist(false, `nothing is lost that is kept: ${name}, ${reason}`))
    one.lease.onMessage((data) => {
      messages++
      insist(one.last === null || (data as number) === one.last + 1, `every message comes once and in order: ${name} ${String(data)} after ${one.last}`)
      one.last = data as number
    })
    followed.push(one)
  }

  function leave(): void {
    const [one] = followed.splice(Math.floor(random() * followed.length), 1)
    one?.lease.release()
  }

  function send(): void {
    for (let n = 0; n < 3; n++) {
      const number = serial++
      void connection.sendWithAck({ type: 'n', data: number }).then(({ outcome }) => {
        insist(!sent.has(number), `a promise is answered once: ${number}`)
        sent.set(number, outcome)
      })
    }
  }

  function connect(): void {
    promises++
    connection.connect().then(() => { settled++ }, () => { settled++ })
  }

  const node = (): Cluster['nodes'][number] => pick(cluster.nodes)
  const publishSome = (): void => { for (let n = 0; n < 6; n++) publish(`c${Math.floor(random() * CHANNELS)}`) }
  const actions: Record<string, () => void> = {
    connect,
    disconnect: () => connection.disconnect(),
    'disconnect gracefully': () => connection.disconnect({ graceful: true }),
    reconnect: () => connection.reconnect(),
    publish: publishSome,
    'publish more': publishSome,
    send,
    follow,
    'follow more': () => { follow(); follow() },
    leave,
    'hand over': () => servers.handOver(),
    'hand over again': () => servers.handOver(),
    goodbye: () => node().goodbye(pick([undefined, 0, 3_000, 60_000])),
    drain: () => { const one = node(); one.shut(); one.goodbye(2_000); platform.clock.setTimer(() => one.die(), 3_000) },
    die: () => node().die(),
    'break off': () => node().network.cut(),
    overload: () => node().network.cut(() => true, 1013),
    rise: () => { for (const one of cluster.nodes) one.rise() },
    hang: () => { node().network.conditions.admission = 'hang' },
    flap: () => { node().network.conditions.admission = 'flap' },
    silence: () => node().network.silence(),
    slow: () => { node().network.conditions.delayMs = [300, 900] },
    quick: () => { for (const one of cluster.nodes) one.network.conditions.delayMs = [5, 40] },
    offline: () => platform.fire('offline'),
    online: () => platform.fire('online'),
    hidden: () => platform.fire('hidden'),
    visible: () => platform.fire('visible'),
    focus: () => platform.fire('focus'),
    freeze: () => { platform.fire('freeze'); platform.clock.stall(30_000); platform.fire('resume') },
    'back/forward cache': () => { platform.fire('pagehide'); platform.clock.stall(5_000); platform.fire('pageshow') },
    sleep: () => { platform.clock.stall(600_000); platform.clock.jump(600_000) },
  }
  /** Few want it gone; the others break what is there. */
  const names = Object.keys(actions).filter((name) => !name.startsWith('disconnect') || random() < 0.5)

  /** Time goes by, and there is always something to hear. */
  async function pass(ms: number): Promise<void> {
    const every = 20 + random() * 200
    for (let passed = 0; passed < ms; passed += every) {
      if (passed < 20 * every) publishSome()
      await platform.clock.advanceAsync(Math.min(every, ms - passed))
    }
  }

  function check(): void {
    const { phase } = connection.snapshot()
    const alive = cluster.nodes.reduce((sum, one) => sum + one.network.alive().length, 0)
    const seats = servers.snapshot().sockets.length
    sockets = Math.max(sockets, seats)
    insist(seats <= 4, `no more sockets than there may be: ${seats}`)
    insist(phase !== 'idle' || alive === 0, `no socket is left at rest: ${alive}`)
    insist(phase !== 'idle' || platform.listeners() === 0, 'nobody listens to the page at rest')
    const numbers = cluster.backend.received().map(({ message }) => message.data as number)
    insist(new Set(numbers).size === numbers.length, 'no message is handled twice')
    invariants.check()
    if (broken !== undefined) throw new Error(broken)
  }

  let step = 0
  let doing = 'start'
  try {
    for (let n = 0; n < 4; n++) follow()
    connect()
    await pass(1_000)
    for (; step < STEPS; step++) {
      doing = pick(names)
      faults.set(doing, (faults.get(doing) ?? 0) + 1)
      actions[doing]?.()
      check()
      await pass(Math.floor(random() ** 3 * 10_000))
      check()
    }
    doing = 'calm'
    // Who drains is gone by then.
    await platform.clock.advanceAsync(3_000)
    for (const name of ['rise', 'quick'] as const) actions[name]?.()
    for (const event of ['visible', 'online'] as const) platform.fire(event)
    connect()
    if (connection.snapshot().phase === 'failed') connection.reconnect()
    await platform.clock.advanceAsync(CALM_MS)
    check()
    publishSome()
    await platform.clock.advanceAsync(30_000)
    check()
    invariants.healed()
    for (const { name, lease, last } of followed) {
      const { status } = lease.snapshot()
      insist(status === 'live', `in a calm every channel is live: ${name} is ${status}`)
      insist(last === null || last === published.get(name), `in a calm everybody has heard the last message: ${name} ${last} of ${published.get(name)}`)
    }
    insist(settled === promises, 'every connect() settles')
    insist(sent.size === serial, `every message has an outcome: ${sent.size} of ${serial}`)
    const handled = new Set(cluster.backend.received().map(({ message }) => message.data as number))
    for (const [number, outcome] of sent) {
      insist(outcome !== 'delivered' || handled.has(number), `what is called delivered was handled: ${number}`)
      insist((outcome !== 'expired' && outcome !== 'dropped') || !handled.has(number), `what is called ${outcome} was not handled: ${number}`)
    }
    const { sockets: left } = servers.snapshot()
    const alive = cluster.nodes.reduce((sum, one) => sum + one.network.alive().length, 0)
    insist(left.some(({ handingOver }) => handingOver) || alive === left.length, `in a calm there is one socket a place: ${alive} for ${left.length}`)
    check()
    const { handOvers } = servers.snapshot()
    connection.destroy()
    await platform.clock.advanceAsync(120_000)
    cluster.backend.stop()
    insist(platform.clock.pending() === 0 && platform.listeners() === 0, `destroy() leaves nothing: ${platform.clock.pending()} timers, ${platform.listeners()} listeners`)
    insist(cluster.nodes.every((one) => one.network.alive().length === 0), 'destroy() leaves no socket')
    if (broken !== undefined) throw new Error(broken)
    return { faults, handOvers, messages, sockets }
  } catch (error) {
    throw new Error(`seed ${seed}, step ${step} (${doing}): ${(error as Error).message}`, { cause: error })
  }
}
