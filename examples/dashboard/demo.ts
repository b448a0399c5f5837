/** Puts the demo together: feed, server, path, front. `npm start` and the end-to-end tests both begin here. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type FaultProxy, startFaultProxy } from 'uplink/testing/node'
import { build } from 'vite'
import { createFaults } from './server/faults.ts'
import { type Feed, type TapeFeed, play, simulate } from './server/feed.ts'
import { startFront } from './server/front.ts'
import { startMarketServer } from './server/market-server.ts'
import { type Tape, readTape } from './server/tape.ts'
import type { Row } from './shared.ts'

/** What the demo shows, and where. */
export interface DemoOptions {
  /** A recording to play instead of the simulator. */
  readonly tape?: string
  /** How much faster than recorded, 0.01 to 10,000. */
  readonly speed: number
  /** Share of the tape to play before it waits to be told to go on, 0 to 1. @default 1 */
  readonly holdAt?: number
  readonly seed: number
  /** 0 for any. */
  readonly port: number
}

/** A running demo. */
export interface Demo {
  readonly url: string
  readonly feed: Feed | TapeFeed
  /** The path between front and market server, which the panel breaks. */
  readonly path: FaultProxy
  stop(): Promise<void>
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Builds the page. */
export async function buildPage(): Promise<string> {
  const outDir = here('../../dist-dashboard')
  await build({ configFile: here('vite.config.ts'), root: here('app'), logLevel: 'warn', build: { outDir, emptyOutDir: true } })
  return outDir
}

/** Reads a recording; one without a single frame is no recording, and shows an empty page. */
async function load(file: string): Promise<Tape> {
  const tape = readTape(await readFile(file, 'utf8'))
  if (tape.frames.length === 0) throw new Error(`${file} holds no frame; a frame is a line "seconds: {payload}"`)
  return tape
}

/** Starts everything; the page has to be built. */
export async function startDemo(options: DemoOptions, pageFolder: string): Promise<Demo> {
  const listeners = new Set<(rows: Row[]) => void>()
  const onRows = (rows: Row[]): void => { for (const listener of listeners) listener(rows) }
  const feed = options.tape === undefined ? simulate(options.seed, onRows) : play(await load(options.tape), basename(options.tape), options.speed, onRows, options.holdAt)
  const market = await startMarketServer(() => feed)
  listeners.add((rows) => market.publish(rows))
  const path = await startFaultProxy({ target: { port: market.port } })
  const faults = createFaults(market, path)
  const front = await startFront({ pageFolder, faults, pathPort: path.port, port: options.port })
  return {
    url: `http://127.0.0.1:${front.port}/`,
    feed,
    path,
    async stop() {
      feed.stop()
      faults.heal()
      front.server.closeAllConnections()
      await Promise.all([path.close(), market.close(), new Promise<void>((resolve) => { front.server.close(() => resolve()) })])
    },
  }
}
