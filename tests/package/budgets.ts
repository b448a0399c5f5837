/**
 * What each subpath may import and weigh. `goal` is the budget of the design; `most` is what it may weigh
 * today: where the two differ, the goal is not met yet, and the number may only go down.
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
  { name: 'uplink/engine: createConnection + json()', code: "export { createConnection, json } from 'uplink/engine'", external: [], imports: [], goalBytes: 6_000, mostBytes: 13_900, browser: true },
  { name: 'uplink: createUplink + three hooks, zustand included', code: "export { createUplink, UplinkProvider, useWebSocket, useChannel, useLatency } from 'uplink'", external: REACT, imports: ['react', 'react/jsx-runtime'], goalBytes: 9_000, mostBytes: 18_200, browser: true },
  { name: 'uplink/transports/ws', code: "export { ws } from 'uplink/transports/ws'", external: ['ws'], imports: ['ws'], goalBytes: 2_000, mostBytes: 2_000, browser: false },
  { name: 'uplink/testing', code: "export * from 'uplink/testing'", external: [], imports: [], goalBytes: 3_000, mostBytes: 3_000, browser: true },
  { name: 'uplink/testing/node', code: "export * from 'uplink/testing/node'", external: ['node:*'], imports: ['node:net'], goalBytes: 3_000, mostBytes: 3_000, browser: false },
]

/** The components' own code: what they add to hooks and stores, peers external. */
export const COMPONENTS = { goalBytes: 8_000, mostBytes: 8_000 }

/** The stylesheet, minified. */
export const STYLES = { mostBytes: 4_000 }
