/** `uplink/testing/msw`: the mocked server, in a real page, behind the page's own WebSocket. */
import { setupWorker } from 'msw/browser'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Gap, createConnection } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'
import { createMockServer } from 'uplink/testing/msw'

const server = createMockServer('wss://mocked.example/ws')
const worker = setupWorker(...server.handlers)

beforeAll(() => worker.start({ quiet: true, onUnhandledRequest: 'bypass', serviceWorker: { url: '/mockServiceWorker.js' } }))
afterAll(() => worker.stop())

it('speaks the protocol, goes away, and comes back with what it kept', async () => {
  server.handle('order', ({ data }) => ({ taken: data }))
  const connection = createConnection({ url: 'wss://mocked.example/ws', protocol: uplink(), reconnectInterval: 20, maxReconnectDelay: 50 })
  const seen: unknown[] = []
  const gaps: Gap[] = []
  const lease = connection.channel('prices')
  lease.onMessage((data) => seen.push(data))
  lease.onGap((gap) => gaps.push(gap))
  await connection.connect()
  expect(await connection.sendWithAck({ type: 'order', data: 7 })).toMatchObject({ outcome: 'delivered', data: { taken: 7 } })
  await vi.waitFor(() => expect(lease.snapshot().status).toBe('live'))
  server.publish('prices', 1)
  await vi.waitFor(() => expect(seen).toEqual([1]))
  server.stop()
  await vi.waitFor(() => expect(connection.snapshot().state).toBe('reconnecting'))
  server.publish('prices', 2)
  server.start()
  await vi.waitFor(() => expect(seen).toEqual([1, 2]))
  expect(gaps).toEqual([])
  server.start('nothing')
  await vi.waitFor(() => expect(gaps).toMatchObject([{ reason: 'epoch_changed' }]))
  server.dropAll(4403, 'blocked')
  await vi.waitFor(() => expect(connection.snapshot().state).toBe('error'))
  expect(server.clients()).toBe(0)
  connection.destroy()
})
