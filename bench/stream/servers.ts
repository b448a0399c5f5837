/** What feeds the stream bench: single frames written by hand, and `createUplinkServer`, which makes `batch` frames of them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

// What is published, not the sources, for the same reason as in the fan-out bench: a loader costs what it adds.
const { anonymous, channel, createUplinkServer, everyone, wsDoor } =
  (await import(new URL('../../dist/server/index.js', import.meta.url).href)) as typeof import('../../src/server/index.ts')

/** A server that, once a page has subscribed to all channels, sends it so many updates a second for some seconds. */
export interface StreamServer {
  readonly port: number
  close(): Promise<void>
}

/** How much is sent, over how many channels. */
export interface Flow {
  readonly rate: number
  readonly seconds: number
  readonly channels: number
}

const TICK_MS = 5
const LOOPBACK = '127.0.0.1'

/** Calls `send` with 0, 1, 2 and so on, as many a tick as are due, until all are sent. Returns what stops it. */
function flow({ rate, seconds }: Flow, send: (serial: number) => void): () => void {
  let sent = 0
  const begin = performance.now()
  const timer = setInterval(() => {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - begin) / 1_000) * rate))
    while (sent < due) send(sent++)
    if (sent >= rate * seconds) clearInterval(timer)
  }, TICK_MS)
  return () => clearInterval(timer)
}

/** A frame for every update, to plain clients. */
export async function singleFrames(about: Flow): Promise<StreamServer> {
  const server = new WebSocketServer({ port: 0, host: LOOPBACK, perMessageDeflate: false })
  server.on('connection', (socket) => {
    let stop: (() => void) | undefined
    socket.on('message', (raw) => {
      const text = String(raw)
      if (text.includes('"ping"')) socket.send('{"type":"pong"}')
      else if (text.includes('"subscribe"')) {
        stop ??= flow(about, (serial) => socket.send(`{"type":"tick","channel":"c${serial % about.channels}","data":${serial},"timestamp":1790000000000}`))
      }
    })
    socket.on('close', () => stop?.())
  })
  await new Promise((resolve) => { server.once('listening', resolve) })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of server.clients) socket.terminate()
      await new Promise<void>((resolve) => { server.close(() => resolve()) })
    },
  }
}

/** The real server, over `uplink.v1`: what it is given in one tick goes out as one `batch` frame. */
export async function batchFrames(about: Flow): Promise<StreamServer> {
  const http = createServer()
  const server = createUplinkServer({
    doors: [wsDoor({ server: http, paths: ['/'] })], authenticate: anonymous(), origins: '*',
    channels: [channel('c{index}', { subscribe: everyone })],
    // A page that stalls is to be late here as it is beside, where nobody is cut off for being slow.
    limits: { budgetBytes: 1e9 },
  })
  await server.ready
  let stop = (): void => clearInterval(waiting)
  // What comes before a confirmation is covered by it, and would not be counted.
  const waiting = setInterval(() => {
    if (Object.keys(server.stats().channelStats).length < about.channels) return
    clearInterval(waiting)
    stop = flow(about, (serial) => void server.publish(`c${serial % about.channels}`, serial, { type: 'tick' }))
  }, TICK_MS)
  await new Promise<void>((resolve) => { http.listen(0, LOOPBACK, resolve) })
  return {
    port: (http.address() as AddressInfo).port,
    async close() {
      stop()
      await server.close()
      await new Promise<void>((resolve) => { http.close(() => resolve()) })
    },
  }
}
