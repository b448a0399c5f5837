/** The demo's server: `createUplinkServer` over three kinds of channels, behind a door that can be broken. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { anonymous, channel, createUplinkServer, everyone, reject, rule, wsDoor } from 'uplink/server'
import { type Order, type OrderAnswer, PATH, type Row, type Source, type SystemState } from '../shared.ts'
import { type BreakableDoor, breakable } from './breakable-door.ts'

/** What the server shows. */
export interface MarketView {
  readonly rows: ReadonlyMap<string, Row>
  /** Every symbol that has a row, or will have one later. */
  readonly symbols: ReadonlySet<string>
  readonly source: Source
}

/** A running server. */
export interface MarketServer extends Pick<BreakableDoor, 'clients' | 'closeAll' | 'turnAway' | 'setSilent'> {
  readonly port: number
  /** Sends changed rows to those who follow the market, or one of its symbols. */
  publish(rows: readonly Row[]): void
  close(): Promise<void>
}

const MIB = 1_048_576
/** About 50 s of the simulated market: shorter outages are made up for, longer ones end in a snapshot. */
const HISTORY = { count: 1_000, size: 2 * MIB, ageMs: 60_000 }
/** Of one symbol; the market as a whole has 240 of them. */
const TICKER_HISTORY = { count: 50 }

/** Starts the server on loopback, on a free port. */
export async function startMarketServer(view: () => MarketView, pingIntervalMs = 25_000): Promise<MarketServer> {
  const http = createServer((_, response) => response.writeHead(404).end())
  const door = breakable(wsDoor({ server: http, paths: [PATH] }), () => tell('system', system()))
  let orders = 0

  const system = (): SystemState => ({ source: view().source, clients: door.clients() })
  const isListed = rule<{ symbol: string }>('the symbol is listed', (_, { symbol }) => view().symbols.has(symbol))

  const server = createUplinkServer({
    doors: [door],
    authenticate: anonymous(),
    // Loopback only, and the front before it has looked at the origin.
    origins: '*',
    channels: [
      channel('market', { subscribe: everyone, snapshot: () => [...view().rows.values()] }),
      channel('system', { subscribe: everyone, snapshot: system }),
      channel('ticker.{symbol}', { subscribe: isListed, keep: TICKER_HISTORY, snapshot: ({ params }) => view().rows.get(params.symbol) }),
    ],
    handlers: {
      order({ data }): OrderAnswer {
        if ((data as Partial<Order> | null | undefined)?.quantity !== 1) throw reject('invalid', { message: 'an order is {quantity: 1}' })
        return { number: ++orders }
      },
    },
    history: HISTORY,
    recovery: { count: HISTORY.count, size: HISTORY.size },
    limits: { budgetBytes: 4 * HISTORY.size },
    pingIntervalMs,
  })

  function tell(name: string, data: unknown, type = name): void {
    // A tape may hold a symbol that cannot be the name of a channel; nobody can follow it either.
    server.publish(name, data, { type }).catch(() => undefined)
  }

  await server.ready
  await new Promise<void>((resolve, refuse) => {
    http.once('error', refuse)
    http.listen(0, '127.0.0.1', resolve)
  })

  return {
    port: (http.address() as AddressInfo).port,
    clients: door.clients,
    closeAll: door.closeAll,
    turnAway: door.turnAway,
    setSilent: door.setSilent,
    publish(rows) {
      if (rows.length === 0) return
      tell('market', rows)
      for (const row of rows) tell(`ticker.${row.symbol}`, row, 'ticker')
    },
    async close() {
      await server.close()
      http.closeAllConnections()
      await new Promise<void>((resolve) => { http.close(() => resolve()) })
    },
  }
}
