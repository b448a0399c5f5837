/** A long life at full speed: many messages both ways, connections that break off, and a heap that must stay flat. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createConnection } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'
import { createSimulatedDisk, createVirtualClock, seededRandom } from 'uplink/testing'
import { ws } from 'uplink/transports/ws'
import type { ServerOrder, ServerReport } from './server.ts'

/** How long and how fast. */
export interface SoakOptions {
  readonly durationMs: number
  /** Messages a second the server publishes. */
  readonly inPerSecond: number
  /** Messages a second the client sends, with an answer each. */
  readonly outPerSecond: number
  /** Mean time between two breaks. */
  readonly dropEveryMs: number
}

/** What came of it. */
export interface SoakReport {
  readonly published: number
  readonly heard: number
  /** Messages that came out of their order, or twice. */
  readonly heardSwapped: number
  readonly gaps: number
  readonly sent: number
  readonly handled: number
  readonly handledSwapped: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly drops: number
  /** Heap in MB after each collection, and the time of it in minutes. */
  readonly heap: ReadonlyArray<readonly [minute: number, megabytes: number]>
  /** Growth of the heap after the warm-up, MB a minute. */
  readonly slope: number
}

/** Buffers, caches and compiled code come to their size in this time, and in this share of it at least. */
const WARM_UP_MS = 30_000
const WARM_UP = 0.3
/** Collecting garbage by hand more often than this is a load of its own. */
const LOOK_EVERY_MS = 5_000

/** Slope of the least squares line. */
export function slopeOf(points: ReadonlyArray<readonly [x: number, y: number]>): number {
  const mean = (index: 0 | 1): number => points.reduce((sum, point) => sum + point[index], 0) / points.length
  const [x0, y0] = [mean(0), mean(1)]
  const [top, bottom] = points.reduce(([a, b], [x, y]) => [a + (x - x0) * (y - y0), b + (x - x0) ** 2], [0, 0])
  return top / bottom
}

/** A disk whose time is the real one: every write is done in the next turn. */
function quickDisk() {
  const clock = createVirtualClock()
  const disk = createSimulatedDisk({ clock, random: seededRandom(1) })
  disk.conditions.delayMs = [0, 0]
  const ticking = setInterval(() => clock.advance(1), 5)
  return { storage: disk.page().storage, rows: disk.rows, end: () => clearInterval(ticking) }
}

async function answer(child: ChildProcess): Promise<ServerReport> {
  const [report] = await once(child, 'message') as [ServerReport]
  return report
}

/** Soaks. `look` hears of the heap as it is measured. */
export async function soak({ durationMs, inPerSecond, outPerSecond, dropEveryMs }: SoakOptions, look: (minute: number, megabytes: number) => void = () => undefined): Promise<SoakReport> {
  setFlagsFromString('--expose_gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const child = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] })
  const ask = (order: ServerOrder): boolean => child.send(order)
  const ready = await answer(child)
  if (ready.type !== 'ready') throw new Error('the server did not say that it is ready')

  const disk = quickDisk()
  const connection = createConnection({
    url: ready.url, protocol: uplink(), transport: ws(), reconnectInterval: 50, maxReconnectDelay: 200, maxReconnectAttempts: Infinity,
    queueSize: 10_000, queueMaxBytes: 16_777_216, messageTimeout: 3_000, messageTtl: 60_000, identity: 'soak', storage: disk.storage,
  })
  let heard = 0
  let heardSwapped = 0
  let gaps = 0
  let sent = 0
  const outcomes: Record<string, number> = {}
  const lease = connection.channel('in')
  lease.onGap(() => { gaps++ })
  lease.onMessage((data) => {
    if ((data as { n: number }).n !== heard) heardSwapped++
    heard++
  })
  await connection.connect()
  while (lease.snapshot().status !== 'live') await sleep(5)
  ask({ type: 'start', perSecond: inPerSecond, dropEveryMs, seed: 1 })

  const started = performance.now()
  const heap: Array<readonly [number, number]> = []
  const talking = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1_000) * outPerSecond)
    for (; sent < due; sent++) void connection.sendWithAck({ type: 'out', data: sent }).then(({ outcome }) => { outcomes[outcome] = (outcomes[outcome] ?? 0) + 1 })
  }, 10)
  const samples = Math.min(40, Math.round(durationMs / LOOK_EVERY_MS))
  for (let sample = 1; sample <= samples; sample++) {
    await sleep(Math.max(0, started + (durationMs * sample) / samples - performance.now()))
    collectGarbage()
    const point = [(performance.now() - started) / 60_000, process.memoryUsage().heapUsed / 1_048_576] as const
    heap.push(point)
    look(...point)
  }
  clearInterval(talking)
  const stopping = answer(child)
  ask({ type: 'stop' })
  const first = await stopping
  const published = first.type === 'done' ? first.published : 0
  const isWhole = (): boolean => heard >= published && Object.values(outcomes).reduce((sum, count) => sum + count, 0) >= sent
  for (let patience = 600; patience > 0 && !isWhole(); patience--) await sleep(50)
  const ending = answer(child)
  ask({ type: 'stop' })
  const last = await ending
  if (last.type !== 'done') throw new Error('the server did not say what it did')
  connection.destroy()
  disk.end()
  child.disconnect()
  return {
    published, heard, heardSwapped, gaps, sent, handled: last.handled, handledSwapped: last.swapped, outcomes, drops: last.drops, heap,
    slope: slopeOf(heap.filter(([minute]) => minute * 60_000 >= Math.max(WARM_UP_MS, durationMs * WARM_UP))),
  }
}
