/**
 * One seed, one world: the real engine against a scripted network, a virtual clock and a page with a life
 * of its own. Faults come at random; what must always hold is checked after every step; then comes a calm
 * in which everything has to heal.
 */
import { type Connection, createConnection } from 'uplink/engine'
import { type FakePlatform, type ScriptedSocket, type ScriptedTransport, createFakePlatform, scriptedTransport, seededRandom, watchInvariants } from 'uplink/testing'

/** What happened in a world. */
export interface Outcome {
  readonly steps: number
  readonly faults: ReadonlyMap<string, number>
  readonly phases: ReadonlySet<string>
}

/** How the network treats new sockets, and open ones. */
interface Network {
  admission: 'open' | 'refuse' | 'hang' | 'flap'
  silent: boolean
  delayMs: number
}

const STEPS = 120
const CALM_MS = 900_000
const QUEUE = 20

class Broken extends Error {}

function insist(holds: boolean, rule: string): void {
  if (!holds) throw new Broken(rule)
}

/** Runs the world of a seed. @throws Error that names the seed, the step and the broken rule. */
export async function runWorld(seed: number): Promise<Outcome> {
  const random = seededRandom(seed)
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value
  const platform: FakePlatform = createFakePlatform({ seed })
  const network: Network = { admission: 'open', silent: false, delayMs: 20 }
  const faults = new Map<string, number>()
  const phases = new Set<string>()
  const sentOf = new Map<ScriptedSocket, number[]>()
  const silenced = new Set<ScriptedSocket>()
  let pushed = 0
  let lastHeard = -1
  let promises = 0
  let settled = 0
  let wanted = false

  const later = (run: () => void): void => void platform.clock.setTimer(run, network.delayMs)
  const live = (socket: ScriptedSocket): boolean => socket.closed === undefined && !silenced.has(socket)
  const server: ScriptedTransport = scriptedTransport({
    onDial: (socket) => {
      const { admission } = network
      if (admission === 'refuse') later(() => { if (live(socket)) socket.end() })
      if (admission === 'open' || admission === 'flap') later(() => { if (live(socket)) socket.open() })
      if (admission === 'flap') platform.clock.setTimer(() => { if (live(socket)) socket.end() }, network.delayMs + 50)
    },
    onSend: (socket, frame) => {
      const message = JSON.parse(String(frame)) as { type: string; data: number }
      if (message.type === 'n') sentOf.set(socket, [...(sentOf.get(socket) ?? []), message.data])
      if (message.type === 'ping' && !network.silent) later(() => { if (live(socket)) socket.receive({ type: 'pong' }) })
    },
  })
  const connection: Connection = createConnection({
    url: 'wss://world.example', platform, transport: server.transport, queueSize: QUEUE, maxReconnectAttempts: 5, breakerCooldown: 60_000,
  })
  const invariants = watchInvariants(connection, { clock: platform.clock, queueSize: QUEUE })
  connection.subscribe('push', (data) => {
    insist((data as number) > lastHeard, 'messages come in order, none twice')
    lastHeard = data as number
  })
  connection.on('error', () => { if (random() < 0.02) throw new Error('a listener of the user') })

  function connect(): void {
    promises++
    wanted = true
    connection.connect().then(() => { settled++ }, () => { settled++ })
  }
  let serial = 0
  const actions: Record<string, () => void> = {
    connect,
    disconnect: () => { wanted = false; connection.disconnect() },
    'disconnect gracefully': () => { wanted = false; connection.disconnect({ graceful: true }) },
    reconnect: () => { wanted = true; connection.reconnect() },
    send: () => { for (let n = 0; n < 5; n++) connection.send({ type: 'n', data: serial++ }) },
    push: () => { const socket = server.sockets.at(-1); if (socket !== undefined && live(socket) && connection.snapshot().phase === 'open' && !network.silent) for (let n = 0; n < 5; n++) socket.receive({ type: 'push', data: pushed++ }) },
    garbage: () => { const socket = server.sockets.at(-1); if (socket !== undefined && live(socket)) socket.receive(pick(['', '{', '[]', '{"type":1}', '{"type":"x","__proto__":{}}'])) },
    drop: () => { const socket = server.sockets.at(-1); if (socket !== undefined && live(socket)) socket.end({ code: pick([1000, 1001, 1006, 1011, 1012, 1013]) }) },
    'half-open': () => { for (const socket of server.sockets) silenced.add(socket) },
    silence: () => { network.silent = true },
    refuse: () => { network.admission = 'refuse' },
    hang: () => { network.admission = 'hang' },
    flap: () => { network.admission = 'flap' },
    heal: () => { network.admission = 'open'; network.silent = false; network.delayMs = 20 },
    slow: () => { network.delayMs = 900 },
    offline: () => platform.fire('offline'),
    online: () => platform.fire('online'),
    hidden: () => platform.fire('hidden'),
    visible: () => platform.fire('visible'),
    focus: () => platform.fire('focus'),
    freeze: () => { platform.fire('freeze'); platform.clock.stall(30_000); platform.fire('resume') },
    'back/forward cache': () => { platform.fire('pagehide'); platform.clock.stall(5_000); platform.fire('pageshow') },
    stall: () => platform.clock.stall(5_000),
    sleep: () => { platform.clock.stall(600_000); platform.clock.jump(600_000) },
    'clock jump': () => platform.clock.jump(pick([-3_600_000, 3_600_000])),
    'late events of old sockets': () => { for (const socket of server.sockets.slice(0, -1)) { socket.open(); socket.receive({ type: 'push', data: -1 }); socket.end({ code: 4403 }) } },
  }
  const names = Object.keys(actions)

  function check(): void {
    const { phase } = connection.snapshot()
    phases.add(phase)
    insist(server.alive() <= 1, 'at most one socket is alive')
    insist(!['idle', 'failed'].includes(phase) || server.alive() === 0, 'no socket is left at rest')
    invariants.check()
    insist(phase !== 'idle' || platform.listeners() === 0, 'nobody listens to the page at rest')
    for (const numbers of sentOf.values()) insist(numbers.every((value, index) => index === 0 || value > (numbers[index - 1] as number)), 'messages leave in order')
  }

  let step = 0
  let doing = 'start'
  try {
    for (; step < STEPS; step++) {
      doing = pick(names)
      faults.set(doing, (faults.get(doing) ?? 0) + 1)
      actions[doing]?.()
      check()
      await platform.clock.advanceAsync(Math.floor(random() ** 3 * 20_000))
      check()
    }
    doing = 'calm'
    actions['heal']?.()
    for (const event of ['visible', 'online'] as const) platform.fire(event)
    connect()
    if (connection.snapshot().phase === 'failed') connection.reconnect()
    await platform.clock.advanceAsync(CALM_MS)
    check()
    insist(wanted, 'in a calm it is wanted')
    invariants.healed()
    insist(settled === promises, 'every connect() settles')
    connection.destroy()
    await platform.clock.advanceAsync(60_000)
    insist(platform.clock.pending() === 0 && platform.listeners() === 0 && server.alive() === 0, 'destroy() leaves nothing')
  } catch (error) {
    throw new Error(`seed ${seed}, step ${step} (${doing}): ${(error as Error).message}`, { cause: error })
  }
  return { steps: step, faults, phases }
}
