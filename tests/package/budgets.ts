/**
 * What each subpath may import and weigh. `goal` is the budget of the design; `most` is what it may weigh
 * today: where the two differ, the goal is not met. Storages carry the persistence that works with them.
 */
export interface Budget {
  readonly name: string
  readonly code: string
  readonly external: readonly string[]
  /** Packages that stay imports, and nothing else does. */
  readonly imports: readonly string[]
  readonly goalBytes: number
  readonly mostBytes: number
  readonly browser: boolean
}

const REACT = ['react', 'react-dom', 'react/jsx-runtime']

export const BUDGETS: readonly Budget[] = [
  { name: 'uplink/engine: createConnection + json()', code: "export { createConnection, json } from 'uplink/engine'", external: [], imports: [], goalBytes: 6_000, mostBytes: 23_150, browser: true },
  { name: 'uplink: createUplink + three hooks, zustand included', code: "export { createUplink, UplinkProvider, useWebSocket, useChannel, useLatency } from 'uplink'", external: REACT, imports: ['react', 'react/jsx-runtime'], goalBytes: 9_000, mostBytes: 28_500, browser: true },
  { name: 'uplink/transports/ws', code: "export { ws } from 'uplink/transports/ws'", external: ['ws'], imports: ['ws'], goalBytes: 2_000, mostBytes: 2_000, browser: false },
  { name: 'uplink/engine with uplink/protocols/uplink', code: "export { createConnection } from 'uplink/engine'; export { uplink } from 'uplink/protocols/uplink'", external: [], imports: [], goalBytes: 26_700, mostBytes: 26_850, browser: true },
  { name: 'uplink/transports/socket-io', code: "export { socketIo } from 'uplink/transports/socket-io'", external: ['socket.io-client'], imports: ['socket.io-client'], goalBytes: 1_500, mostBytes: 1_500, browser: true },
  { name: 'uplink/engine with uplink/fallback', code: "export { createConnection, json } from 'uplink/engine'; export { poll } from 'uplink/fallback'", external: [], imports: [], goalBytes: 30_400, mostBytes: 30_550, browser: true },
  { name: 'uplink/server', code: "export * from 'uplink/server'", external: ['ws', 'node:*'], imports: ['node:crypto', 'ws'], goalBytes: 31_000, mostBytes: 31_000, browser: false },
  { name: 'uplink/server/jwt', code: "export * from 'uplink/server/jwt'", external: ['jose', 'node:*'], imports: ['jose', 'node:crypto'], goalBytes: 3_600, mostBytes: 3_600, browser: false },
  { name: 'uplink/server/redis', code: "export * from 'uplink/server/redis'", external: ['node:*'], imports: [], goalBytes: 9_500, mostBytes: 9_500, browser: false },
  { name: 'uplink/server/socket-io', code: "export * from 'uplink/server/socket-io'", external: ['socket.io', 'ws', 'node:*'], imports: ['node:crypto', 'socket.io', 'ws'], goalBytes: 3_000, mostBytes: 3_000, browser: false },
  { name: 'uplink/server/prometheus', code: "export * from 'uplink/server/prometheus'", external: [], imports: [], goalBytes: 3_000, mostBytes: 3_000, browser: false },
  { name: 'uplink/engine with uplink/pool', code: "export { createConnection } from 'uplink/engine'; export { pool } from 'uplink/pool'", external: [], imports: [], goalBytes: 32_100, mostBytes: 32_100, browser: true },
  { name: 'uplink/market', code: "export * from 'uplink/market'", external: ['zustand', 'zustand/*'], imports: ['zustand/vanilla'], goalBytes: 14_750, mostBytes: 14_750, browser: true },
  { name: 'uplink/market: the service alone', code: "export { createMarketData } from 'uplink/market'", external: ['zustand', 'zustand/*'], imports: ['zustand/vanilla'], goalBytes: 10_000, mostBytes: 10_000, browser: true },
  { name: 'uplink/market: binance() alone', code: "export { binance } from 'uplink/market'", external: [], imports: [], goalBytes: 4_800, mostBytes: 4_800, browser: true },
  { name: 'uplink/market/rest', code: "export * from 'uplink/market/rest'", external: ['valibot'], imports: ['valibot'], goalBytes: 3_150, mostBytes: 3_150, browser: true },
  { name: 'uplink/market/react', code: "export * from 'uplink/market/react'", external: [...REACT], imports: ['react', 'react/jsx-runtime'], goalBytes: 1_050, mostBytes: 1_050, browser: true },
  { name: 'uplink/labels/de', code: "export { GERMAN } from 'uplink/labels/de'", external: [], imports: [], goalBytes: 2_400, mostBytes: 2_400, browser: true },
  { name: 'uplink/reporting', code: "export * from 'uplink/reporting'", external: [], imports: [], goalBytes: 2_900, mostBytes: 2_900, browser: true },
  { name: 'uplink/storage', code: "export { persistence } from 'uplink/storage'", external: [], imports: [], goalBytes: 2_900, mostBytes: 2_900, browser: true },
  { name: 'uplink/storage/memory', code: "export { memory } from 'uplink/storage/memory'", external: [], imports: [], goalBytes: 3_300, mostBytes: 3_300, browser: true },
  { name: 'uplink/storage/local-storage', code: "export { webStorage } from 'uplink/storage/local-storage'", external: [], imports: [], goalBytes: 4_550, mostBytes: 4_550, browser: true },
  { name: 'uplink/storage/indexed-db', code: "export { indexedDb } from 'uplink/storage/indexed-db'", external: ['idb'], imports: ['idb'], goalBytes: 4_900, mostBytes: 4_900, browser: true },
  { name: 'uplink/devtools', code: "export { ConnectionMonitor } from 'uplink/devtools'", external: [...REACT, 'zustand', 'zustand/*', 'lucide-react', '@tanstack/react-virtual'], imports: ['@tanstack/react-virtual', 'lucide-react', 'react', 'react-dom', 'react/jsx-runtime', 'zustand'], goalBytes: 24_000, mostBytes: 24_000, browser: true },
  { name: 'uplink/devtools/faults', code: "export { faults } from 'uplink/devtools/faults'", external: ['zustand', 'zustand/*'], imports: ['zustand/vanilla'], goalBytes: 3_500, mostBytes: 3_500, browser: true },
  { name: 'uplink/testing', code: "export * from 'uplink/testing'", external: [], imports: [], goalBytes: 16_000, mostBytes: 18_050, browser: true },
  { name: 'uplink/testing/node', code: "export * from 'uplink/testing/node'", external: ['node:*'], imports: ['node:net'], goalBytes: 3_000, mostBytes: 3_000, browser: false },
  { name: 'uplink/testing/react', code: "export * from 'uplink/testing/react'", external: [...REACT, 'zustand', 'zustand/*', '@testing-library/react'], imports: ['@testing-library/react', 'react', 'react/jsx-runtime', 'zustand/vanilla'], goalBytes: 40_400, mostBytes: 42_300, browser: true },
  { name: 'uplink/testing/msw', code: "export * from 'uplink/testing/msw'", external: ['msw'], imports: ['msw'], goalBytes: 11_400, mostBytes: 12_900, browser: true },
  { name: 'uplink/testing/server', code: "export * from 'uplink/testing/server'", external: ['ws', 'node:*'], imports: ['ws'], goalBytes: 11_800, mostBytes: 13_300, browser: false },
]

/** The components' own code: what they add to hooks and stores, peers external. */
export const COMPONENTS = { goalBytes: 8_000, mostBytes: 8_000 }

/** The banner's own code beside them, the receipt it shows included. */
export const BANNER = { mostBytes: 2_600 }

/** The stylesheet of all components, minified. */
export const STYLES = { mostBytes: 5_200 }
