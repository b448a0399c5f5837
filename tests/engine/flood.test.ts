/** More than fits is offered while the server is away: bounds are kept, and every drop is told. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { type ConnectionOptions, createConnection, json } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'
import { createFakePlatform, createSimulatedDisk, createVirtualClock, scriptedTransport, seededRandom } from 'uplink/testing'

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

const OFFERED = 20_000
const COUNT = 1_000
const BYTES = 1_048_576

function heapUsed(): number {
  for (let turn = 0; turn < 3; turn++) collectGarbage()
  return process.memoryUsage().heapUsed
}

const kinds: ReadonlyArray<readonly [string, () => Partial<ConnectionOptions>]> = [
  ['json()', () => ({ protocol: json() })],
  ['uplink()', () => ({ protocol: uplink() })],
  ['uplink(), kept on a disk', () => {
    const clock = createVirtualClock()
    const disk = createSimulatedDisk({ clock, random: seededRandom(1) })
    return { protocol: uplink(), platform: createFakePlatform({ clock }), identity: 'ann', storage: disk.page().storage }
  }],
]

describe.each(kinds)('20,000 messages of 1 kB, offered while the server is away, with %s', (_, options) => {
  it.each(['drop-oldest', 'drop-newest', 'refuse'] as const)('keep the bounds, tell every drop, and keep the heap under twice the bound (%s)', (overflow) => {
    const connection = createConnection({
      url: 'wss://away.example', platform: createFakePlatform(), transport: scriptedTransport({ onDial: () => undefined }).transport, queueSize: COUNT, queueMaxBytes: BYTES, overflow, ...options(),
    })
    let dropped = 0
    let refused = 0
    const most = { queued: 0, bytes: 0 }
    connection.on('messageDropped', ({ reason }) => { if (reason === 'overflow') dropped++ })
    void connection.connect()
    const before = heapUsed()
    for (let n = 0; n < OFFERED; n++) {
      if (connection.send({ type: 'reading', data: { n, text: 'x'.repeat(1_000) } }).outcome === 'refused') refused++
      const { queued, bytes } = connection.outbox()
      most.queued = Math.max(most.queued, queued)
      most.bytes = Math.max(most.bytes, bytes)
    }
    const growth = heapUsed() - before
    const { queued } = connection.outbox()
    expect(most.queued).toBeLessThanOrEqual(COUNT)
    expect(most.bytes).toBeLessThanOrEqual(BYTES)
    expect(queued).toBeGreaterThan(COUNT * 0.9)
    expect(queued + dropped).toBe(OFFERED)
    // A newcomer that does not get in is told so at once, as well.
    expect(refused).toBe(overflow === 'drop-oldest' ? 0 : dropped)
    expect(growth).toBeLessThan(2 * BYTES)
    connection.destroy()
  })
})
