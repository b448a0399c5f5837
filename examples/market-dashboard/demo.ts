/** Puts the market dashboard together: page, stand-in, switches. The command and the end-to-end tests both begin here. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { servePage } from './server/page.ts'
import { simulate } from './server/simulator.ts'
import type { Source } from './server/source.ts'
import { type StandIn, startStandIn } from './server/stand-in.ts'
import type { Switches } from './shared.ts'

/** What is shown. */
export interface MarketDemoOptions {
  /** 0 for any. */
  readonly port: number
  /** Pairs of the simulated market, 1 to 1,000. */
  readonly symbols: number
  readonly seed: number
  /** Blocked from the start. */
  readonly blocked?: Switches
  /** Another source than the simulated market, with its name. */
  readonly source?: { readonly label: string; readonly source: Source }
}

/** A running dashboard. */
export interface MarketDemo {
  readonly url: string
  readonly label: string
  readonly standIn: StandIn
  block(switches: Switches): void
  stop(): Promise<void>
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Builds the page. */
export async function buildMarketPage(): Promise<string> {
  const outDir = here('../../node_modules/.cache/market-dashboard')
  await build({ configFile: here('vite.config.ts'), root: here('app'), logLevel: 'warn', build: { outDir, emptyOutDir: true } })
  return outDir
}

/** Starts everything on one port; the page has to be built. */
export async function startMarketDemo(options: MarketDemoOptions, folder: string): Promise<MarketDemo> {
  const { source, label } = options.source ?? { source: simulate({ venue: 'spot', symbols: options.symbols, seed: options.seed }), label: `Simulated market, seed ${options.seed}` }
  let blocked: Switches = { socket: false, rest: false }
  const standIn = await startStandIn({
    venue: 'spot', source, port: options.port,
    otherwise: servePage({ folder, state: () => ({ symbols: source.symbols, source: label, blocked }), block }),
  })

  function block(switches: Switches): void {
    if (switches.socket && !blocked.socket) standIn.sockets.drop()
    standIn.refuseSockets(switches.socket ? 'forbidden' : null)
    standIn.rest.setDown(switches.rest)
    blocked = switches
  }

  if (options.blocked !== undefined) block(options.blocked)
  return { url: `${standIn.restUrl}/`, label, standIn, block, stop: () => standIn.close() }
}
