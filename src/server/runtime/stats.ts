/** What a node counts. Plain numbers, so that counting costs nothing; metrics and statistics read them. */

/** Counters since the node began. */
export interface Counters {
  connectionsOpened: number
  connectionsClosed: number
  messagesIn: number
  published: number
  publishFailed: number
  authenticationFailed: number
  /** Recoveries that were asked for: all followed, or not, by reason. */
  readonly recoveries: Record<string, number>
  /** Clients that were not let in, by cause. */
  readonly turnedAway: Record<string, number>
  /** Messages left out for slow clients, or clients closed for being slow. */
  readonly slow: Record<string, number>
  /** Closed by the server, by close code. */
  readonly closes: Record<string, number>
  /** Holes in what the broker delivered: found in its history, or not. */
  repairs: number
  repairsFailed: number
}

/** All at zero. */
export function createCounters(): Counters {
  return {
    connectionsOpened: 0, connectionsClosed: 0, messagesIn: 0, published: 0, publishFailed: 0, authenticationFailed: 0,
    recoveries: {}, turnedAway: {}, slow: {}, closes: {}, repairs: 0, repairsFailed: 0,
  }
}

/** Counts one of a kind. */
export function count(kinds: Record<string, number>, kind: string): void {
  kinds[kind] = (kinds[kind] ?? 0) + 1
}

/** What a server is doing. */
export interface ServerStats {
  readonly connectedClients: number
  /** Streams that somebody follows on this node. */
  readonly totalChannels: number
  /** Followers of each of them. */
  readonly channelStats: Readonly<Record<string, number>>
  readonly clients: ClientStats
  readonly broker: { readonly name: string; readonly state: 'up' | 'down'; readonly since: number }
  readonly counters: Readonly<Counters>
  /** Frames handed to doors, and their characters. */
  readonly sent: { readonly frames: number; readonly characters: number }
  readonly lags: Lags
}

/** How late batches of messages were, from the publication of the oldest message in each until it went to clients. */
export interface Lags {
  /** Upper bounds of the buckets, ms, ascending. */
  readonly boundsMs: readonly number[]
  /** Batches in each bucket, not cumulative; one more than bounds, for those that took longer. */
  readonly counts: readonly number[]
  /** Of all batches together, ms. */
  readonly sumMs: number
}

/** Who is connected. */
export interface ClientStats {
  readonly totalClients: number
  readonly authenticatedClients: number
  readonly anonymousClients: number
  /** Connections of each door. */
  readonly byDoor: Readonly<Record<string, number>>
  /** How many follow each channel. */
  readonly channelDistribution: Readonly<Record<string, number>>
}
