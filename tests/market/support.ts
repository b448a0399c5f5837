/** Tapes, stand-ins and bare sockets for the tests of market data. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { type StandIn, type StandInOptions, startStandIn } from '../../examples/market-dashboard/server/stand-in.ts'
import { type TapeSource, tapeSource } from '../../examples/market-dashboard/server/tape-source.ts'
import type { VenueName } from '../../examples/market-dashboard/server/venue.ts'

const FOLDER = fileURLToPath(new URL('../../../shared/data/binance/', import.meta.url))

/** The recordings are not part of the project: where they are not there, tests of them are skipped. */
export const HAS_TAPES = existsSync(`${FOLDER}BINANCE.ws.1.0`)

const FILES: Readonly<Record<VenueName, string>> = { spot: 'BINANCE.ws.1.0', us: 'BINANCE_US.ws.1.0', futures: 'BINANCE_FUTURES.ws.1.0' }

/** The recording of a venue; it plays when it is stepped, or at its pace times `speed`. */
export function tape(venue: VenueName, speed = 0): TapeSource {
  return tapeSource({ path: FOLDER + FILES[venue], speed, ...(venue === 'spot' ? { snapshots: `${FOLDER}BINANCE.http.0.0` } : {}) })
}

/** Stand-ins and sockets of one test file. */
export interface Venues {
  start(options: StandInOptions): Promise<StandIn>
  /** A socket without any client around it, and what it heard. */
  bare(url: string): Promise<BareSocket>
  /** Ends all of them. */
  close(): Promise<void>
}

/** A socket as a test holds it. */
export interface BareSocket {
  readonly socket: WebSocket
  readonly heard: string[]
  /** How it was closed, once it was. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  send(value: unknown): void
}

/** Keeps what a test file starts. */
export function venues(): Venues {
  const standIns: StandIn[] = []
  const sockets: WebSocket[] = []
  return {
    async start(options) {
      const standIn = await startStandIn(options)
      standIns.push(standIn)
      return standIn
    },
    async bare(url) {
      const socket = new WebSocket(url)
      const heard: string[] = []
      sockets.push(socket)
      socket.on('message', (data) => heard.push(String(data)))
      const closed = new Promise<{ code: number; reason: string }>((resolve) => {
        socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
      })
      await new Promise((resolve, reject) => {
        socket.on('open', resolve)
        socket.on('error', reject)
      })
      return { socket, heard, closed, send: (value) => socket.send(typeof value === 'string' ? value : JSON.stringify(value)) }
    },
    async close() {
      for (const socket of sockets.splice(0)) socket.terminate()
      await Promise.all(standIns.splice(0).map((standIn) => standIn.close()))
    },
  }
}
