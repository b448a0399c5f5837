/** What the demo's server and page both know. */

/** One row of the market table. Prices are numbers: this is a picture, not an account. */
export interface Row {
  readonly symbol: string
  readonly last: number | null
  readonly bid: number | null
  readonly ask: number | null
  readonly volume: number
  /** Epoch ms of the event. */
  readonly at: number
}

/** Where the rows come from. */
export interface Source {
  readonly kind: 'simulated' | 'tape'
  readonly label: string
  /** Lines of a tape that were not frames. */
  readonly skipped: number
}

/** Where the server answers, behind the front. */
export const PATH = '/ws/market'

/** What the channel `system` tells. */
export interface SystemState {
  readonly source: Source
  /** Connections that are open. */
  readonly clients: number
}

/** What a page sends to have something done. */
export interface Order {
  readonly quantity: number
}

/** What the server says to an order: how many it has handled with this one. */
export interface OrderAnswer {
  readonly number: number
}

/** What can be broken, and how it is described to the person who breaks it. */
export const FAULTS = [
  { id: 'drop', where: 'server', label: 'Drop everyone', hint: 'Closes every socket. Back within a second, without a gap.' },
  { id: 'restart', where: 'server', label: 'Restart', hint: 'Down for 8 s, announced with code 1012. What was missed is made up for.' },
  { id: 'silent', where: 'server', label: 'Stop answering', hint: 'Sockets stay open, nothing comes. Noticed within 10 s.' },
  { id: 'overload', where: 'server', label: 'Overloaded', hint: 'Code 1013: clients stay away for at least 5 s.' },
  { id: 'block', where: 'server', label: 'Block this client', hint: 'Code 4403: no retry helps. Heal, then reconnect.' },
  { id: 'half-open', where: 'path', label: 'Half-open', hint: 'The path swallows everything on open sockets. Noticed within 10 s.' },
  { id: 'refuse', where: 'path', label: 'Refuse', hint: 'Resets every socket and refuses new ones, until healed.' },
  { id: 'hang', where: 'path', label: 'Hang upgrades', hint: 'New sockets are accepted and never answered. Given up after 10 s.' },
  { id: 'slow', where: 'path', label: 'Slow link', hint: 'Adds 700 ms each way. Latency turns poor, nothing is lost.' },
] as const

/** Names of faults. */
export type FaultId = (typeof FAULTS)[number]['id']
