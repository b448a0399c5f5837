import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type FaultProxy, startFaultProxy } from 'uplink/testing/node'

let echo: Server
let proxy: FaultProxy
const open: Socket[] = []
const upstreams: Socket[] = []

beforeEach(async () => {
  echo = createServer((socket) => {
    upstreams.push(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => { echo.listen(0, '127.0.0.1', resolve) })
  proxy = await startFaultProxy({ target: { port: (echo.address() as AddressInfo).port } })
})
afterEach(async () => {
  for (const socket of [...open.splice(0), ...upstreams.splice(0)]) socket.destroy()
  await proxy.close()
  await new Promise((resolve) => echo.close(resolve))
})

async function dial(): Promise<Socket & { heard: () => string }> {
  const socket = connect(proxy.port, '127.0.0.1')
  open.push(socket)
  let text = ''
  socket.on('data', (chunk) => { text += String(chunk) })
  socket.on('error', () => undefined)
  await new Promise((resolve) => { socket.once('connect', resolve); socket.once('close', resolve) })
  return Object.assign(socket, { heard: () => text })
}

it('forwards bytes unchanged and in order, also through latency with jitter', async () => {
  proxy.latency(5, 20)
  const socket = await dial()
  for (let n = 0; n < 200; n++) socket.write(`${n},`)
  await vi.waitFor(() => expect(socket.heard()).toBe(Array.from({ length: 200 }, (_, n) => `${n},`).join('')))
})

it('goes silent without an end, while new connections work', async () => {
  const old = await dial()
  old.write('a')
  await vi.waitFor(() => expect(old.heard()).toBe('a'))
  proxy.halfOpen()
  old.write('b')
  const fresh = await dial()
  fresh.write('c')
  await vi.waitFor(() => expect(fresh.heard()).toBe('c'))
  expect(old.heard()).toBe('a')
  expect(old.destroyed).toBe(false)
})

it('resets, refuses, hangs and heals', async () => {
  const first = await dial()
  const gone = new Promise((resolve) => first.once('close', resolve))
  proxy.reset()
  await gone
  proxy.refuse()
  const second = await dial()
  await vi.waitFor(() => expect(second.destroyed).toBe(true))
  proxy.hang()
  const third = await dial()
  third.write('x')
  proxy.heal()
  const fourth = await dial()
  fourth.write('y')
  await vi.waitFor(() => expect(fourth.heard()).toBe('y'))
  expect(third.heard()).toBe('')
})

it('gives a silent connection back once both its sides are gone, and not before', async () => {
  const socket = await dial()
  socket.write('a')
  await vi.waitFor(() => expect(socket.heard()).toBe('a'))
  const [upstream] = upstreams
  let isOver = false
  upstream?.on('end', () => { isOver = true })
  proxy.halfOpen()
  socket.destroy()
  const fresh = await dial()
  fresh.write('b')
  await vi.waitFor(() => expect(fresh.heard()).toBe('b'))
  expect([proxy.connections(), isOver]).toEqual([2, false])
  upstream?.destroy()
  await vi.waitFor(() => expect(proxy.connections()).toBe(1))
})

it('gives a hung connection back when its client gives up', async () => {
  proxy.hang()
  const socket = await dial()
  socket.write('GET / HTTP/1.1\r\n\r\n')
  await vi.waitFor(() => expect(proxy.connections()).toBe(1))
  socket.end()
  await vi.waitFor(() => expect(proxy.connections()).toBe(0), 5_000)
  expect(socket.heard()).toBe('')
})

it('lets no more through than its bandwidth', async () => {
  proxy.bandwidth(10_000)
  const socket = await dial()
  const since = performance.now()
  socket.write(Buffer.alloc(2_000, 'x'))
  await vi.waitFor(() => expect(socket.heard()).toHaveLength(2_000), 10_000)
  // A slow machine makes it later, never earlier: 200 ms each way.
  expect(performance.now() - since).toBeGreaterThanOrEqual(390)
})

it('holds a sender back while nobody reads, and loses nothing', async () => {
  proxy.latency(1)
  const socket = await dial()
  socket.pause()
  const total = 64 * 1_048_576
  const chunk = Buffer.alloc(65_536, 'x')
  let sent = 0
  await new Promise<void>((resolve) => {
    const fill = (): void => {
      while (sent < total) {
        sent += chunk.length
        if (socket.write(chunk)) continue
        const stuck = setTimeout(resolve, 500)
        socket.once('drain', () => { clearTimeout(stuck); fill() })
        return
      }
      resolve()
    }
    fill()
  })
  expect(sent).toBeLessThan(total)
  let heard = 0
  socket.removeAllListeners('data').on('data', (part: Buffer) => { heard += part.length })
  socket.resume()
  await vi.waitFor(() => expect(heard).toBeGreaterThanOrEqual(sent), 15_000)
})

it('leaves nothing behind when it closes, whatever state its connections are in', async () => {
  const silent = await dial()
  silent.write('a')
  await vi.waitFor(() => expect(silent.heard()).toBe('a'))
  proxy.halfOpen()
  proxy.hang()
  const hung = await dial()
  await vi.waitFor(() => expect(proxy.connections()).toBe(2))
  await proxy.close()
  await vi.waitFor(() => expect([silent.destroyed, hung.destroyed, upstreams.every(({ destroyed }) => destroyed)]).toEqual([true, true, true]))
  expect(proxy.connections()).toBe(0)
})

it('cuts after so many bytes, inside a frame', async () => {
  const socket = await dial()
  const ended = new Promise((resolve) => socket.once('end', resolve))
  proxy.cut(3)
  socket.write('abcdef')
  await ended
  expect(socket.heard().length).toBeLessThanOrEqual(3)
})
