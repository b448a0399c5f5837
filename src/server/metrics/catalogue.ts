/** Every metric: its name, its labels, what it means, and how it is read from what a server counts. */
import type { RecoveryFailure } from '../../protocol/uplink-v1.ts'
import type { TurnedAway } from '../runtime/guests.ts'
import type { SlowPolicy } from '../runtime/outbound.ts'
import type { ServerStats } from '../runtime/stats.ts'

/** One series and its value; the value of the one label, or none. */
export type Sample = readonly [label: string | null, value: number]

/** One metric. Its label is one of the program's own words, never text of a user. */
export interface MetricDefinition {
  /** Without the prefix. */
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly label: string | null
  readonly help: string
  read(stats: ServerStats): readonly Sample[]
}

// What has not happened is 0 and not absent, or the first time would not show as a growth.
const CAUSES: Readonly<Record<TurnedAway, 0>> = {
  origin: 0, banned: 0, handshakes: 0, connections_per_address: 0, connections_per_user: 0, credentials: 0, revoked: 0, shared_limit: 0,
}
const RECOVERIES: Readonly<Record<RecoveryFailure | 'recovered', 0>> = {
  recovered: 0, epoch_changed: 0, trimmed: 0, too_many: 0, too_slow: 0, no_history: 0, not_authorized: 0,
}
const SLOW: Readonly<Record<Exclude<SlowPolicy, 'resume'> | 'closed', 0>> = { closed: 0, conflate: 0, drop: 0 }

const one = (value: number): readonly Sample[] => [[null, value]]

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0)

/** All metrics but the histogram and the followers of each channel. */
export const METRICS: readonly MetricDefinition[] = Object.freeze([
  { name: 'connections', type: 'gauge', label: 'door', help: 'Open connections, by the door they came in by.', read: ({ clients }) => Object.entries(clients.byDoor) },
  {
    name: 'sessions', type: 'gauge', label: 'kind', help: 'Open sessions, by whether it is known who they are.',
    read: ({ clients }) => [['authenticated', clients.authenticatedClients], ['anonymous', clients.anonymousClients]],
  },
  { name: 'followers', type: 'gauge', label: null, help: 'Live subscriptions of all sessions together.', read: ({ clients }) => one(sum(clients.channelDistribution)) },
  { name: 'streams', type: 'gauge', label: null, help: 'Streams that somebody follows on this node.', read: ({ totalChannels }) => one(totalChannels) },
  { name: 'connections_opened_total', type: 'counter', label: null, help: 'Connections that came in.', read: ({ counters }) => one(counters.connectionsOpened) },
  { name: 'connections_closed_total', type: 'counter', label: null, help: 'Connections that ended, by whomever.', read: ({ counters }) => one(counters.connectionsClosed) },
  { name: 'closes_total', type: 'counter', label: 'code', help: 'Connections that the server closed, by close code.', read: ({ counters }) => Object.entries(counters.closes) },
  {
    name: 'turned_away_total', type: 'counter', label: 'cause', help: 'Clients and credentials that were not let in, by cause.',
    read: ({ counters }) => Object.entries({ ...CAUSES, ...counters.turnedAway }),
  },
  {
    name: 'authentication_failures_total', type: 'counter', label: null, help: 'Credentials that were refused, at the start or at a renewal.',
    read: ({ counters }) => one(counters.authenticationFailed),
  },
  { name: 'messages_received_total', type: 'counter', label: null, help: 'Messages of clients that were handed to handlers; a repeated one counts once.', read: ({ counters }) => one(counters.messagesIn) },
  { name: 'messages_published_total', type: 'counter', label: null, help: 'Messages that this node published and the broker has.', read: ({ counters }) => one(counters.published) },
  { name: 'publish_failures_total', type: 'counter', label: null, help: 'Messages that the broker did not take.', read: ({ counters }) => one(counters.publishFailed) },
  { name: 'frames_sent_total', type: 'counter', label: null, help: 'Frames handed to doors; one frame to ten clients is ten.', read: ({ sent }) => one(sent.frames) },
  { name: 'characters_sent_total', type: 'counter', label: null, help: 'Characters in those frames, before any compression.', read: ({ sent }) => one(sent.characters) },
  {
    name: 'recoveries_total', type: 'counter', label: 'result', help: 'Reads of everything after a position, which clients asked for or which made up for a loss: recovered, or why not.',
    read: ({ counters }) => Object.entries({ ...RECOVERIES, ...counters.recoveries }),
  },
  {
    name: 'slow_clients_total', type: 'counter', label: 'action', help: 'Clients that read too slowly, by what was done: closed, or messages of a channel left out.',
    read: ({ counters }) => Object.entries({ ...SLOW, ...counters.slow }),
  },
  {
    name: 'repairs_total', type: 'counter', label: 'result', help: 'Holes in what the broker delivered: found in its history, or lost.',
    read: ({ counters }) => [['found', counters.repairs], ['lost', counters.repairsFailed]],
  },
  { name: 'broker_up', type: 'gauge', label: 'broker', help: 'Whether the broker can be reached: 1 or 0.', read: ({ broker }) => [[broker.name, broker.state === 'up' ? 1 : 0]] },
] satisfies readonly MetricDefinition[])
