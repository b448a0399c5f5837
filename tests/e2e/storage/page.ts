/** A page that sends orders, and keeps what it cannot send in IndexedDB. */
import { type Connection, createConnection } from 'uplink/engine'
import { uplink } from 'uplink/protocols/uplink'
import { indexedDb } from 'uplink/storage/indexed-db'

/** What the test finds in the page. */
export interface PageApi {
  readonly connection: Connection
  /** Whether this page has Web Locks. */
  readonly hasLocks: boolean
  /** Ids of messages that were reported persisted, and of those that were reported delivered. */
  readonly persisted: string[]
  readonly delivered: string[]
  readonly problems: string[]
  send(count: number): void
}

const server = new URLSearchParams(location.search).get('server') ?? ''
const connection = createConnection({
  url: server, protocol: uplink(), identity: 'ann', storage: indexedDb({ leaseMs: 2_000 }), reconnectInterval: 100, maxReconnectDelay: 300,
  maxReconnectAttempts: Infinity,
})
const api: PageApi = {
  connection,
  hasLocks: navigator.locks !== undefined,
  persisted: [],
  delivered: [],
  problems: [],
  send(count) {
    for (let n = 0; n < count; n++) connection.send({ type: 'order', data: { n } })
  },
}
connection.on('messagePersisted', ({ id }) => api.persisted.push(id))
connection.on('messageAcknowledged', ({ id }) => api.delivered.push(id))
connection.on('error', ({ code, message }) => { if (code.startsWith('UPLINK_STORAGE')) api.problems.push(message) })
Object.assign(globalThis, { api })
void connection.connect()
