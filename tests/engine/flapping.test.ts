/** A network that flaps for a minute, over real sockets: everything that was sent arrives, once and in order. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { type Outcome, createConnection } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'
import { seededRandom } from 'uplink/testing'
import { startFaultProxy } from 'uplink/testing/node'
import { createTestServer } from 'uplink/testing/server'
import { ws } from 'uplink/transports/ws'

const FLAPPING_MS = 60_000
const UP_MS = 200
const DOWN_MS = 300
const MESSAGES = 2_000

it('in a minute of 200 ms up and 300 ms down no message is lost, doubled or swapped, in or out', async () => {
  const random = seededRandom(7)
  const server = await createTestServer()
  const proxy = await startFaultProxy({ target: { port: server.port } })
  const connection = createConnection({
    url: `ws://127.0.0.1:${proxy.port}`, protocol: uplink(), transport: ws(), reconnectInterval: 20, maxReconnectDelay: 100,
    maxReconnectAttempts: Infinity, queueSize: MESSAGES, messageTimeout: 1_000, messageTtl: Infinity,
  })
  const handled: number[] = []
  server.handle('out', ({ data }) => { handled.push(data as number) })
  const heard: number[] = []
  const gaps: unknown[] = []
  const lease = connection.channel('in')
  lease.onMessage((data) => heard.push(data as number))
  lease.onGap((gap) => gaps.push(gap))
  const outcomes: Array<Promise<Outcome>> = []
  await connection.connect()
  await vi.waitFor(() => expect(lease.snapshot().status).toBe('live'))

  const started = performance.now()
  let cycles = 0
  let sent = 0
  const due = (): number => Math.min(MESSAGES, Math.floor(((performance.now() - started) / FLAPPING_MS) * MESSAGES))
  function talk(): void {
    for (; sent < due(); sent++) {
      outcomes.push(connection.sendWithAck({ type: 'out', data: sent }).then(({ outcome }) => outcome))
      server.publish('in', sent)
    }
  }
  const talking = setInterval(talk, 5)
  while (performance.now() - started < FLAPPING_MS) {
    await sleep(UP_MS)
    // Half of the cuts come inside a frame; the rest are resets.
    if (cycles++ % 2 === 0) proxy.cut(Math.floor(random() * 40))
    else proxy.reset()
    proxy.refuse()
    await sleep(DOWN_MS)
    proxy.heal()
  }
  clearInterval(talking)
  talk()
  expect(sent).toBe(MESSAGES)

  const all = Array.from({ length: MESSAGES }, (_, index) => index)
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['delivered']))
  await vi.waitFor(() => expect(heard).toHaveLength(MESSAGES), { timeout: 30_000 })
  expect(handled).toEqual(all)
  expect(heard).toEqual(all)
  expect(gaps).toEqual([])
  // The storm was one: it was connected, and lost, many times.
  expect(connection.stats().reconnections).toBeGreaterThan(20)
  connection.destroy()
  await proxy.close()
  await server.close()
}, 180_000)
