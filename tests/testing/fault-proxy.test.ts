import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type FaultProxy, startFaultProxy } from 'uplink/testing/node'

let echo: Server
let proxy: FaultProxy
const open: Socket[] = []

beforeEach(async () => {
  echo = createServer((socket) => { socket.on('error', () => undefined); socket.pipe(socket) })
  await new Promise<void>((resolve) => { echo.listen(0, '127.0.0.1', resolve) })
  proxy = await startFaultProxy({ target: { port: (echo.address() as AddressInfo).port } })
})
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy()
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

it('cuts after so many bytes, inside a frame', async () => {
  const socket = await dial()
  const ended = new Promise((resolve) => socket.once('end', resolve))
  proxy.cut(3)
  socket.write('abcdef')
  await ended
  expect(socket.heard().length).toBeLessThanOrEqual(3)
})
