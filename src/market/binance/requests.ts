/**
 * The requests of one socket: which streams are wanted, which the venue has confirmed, and what may be asked now.
 * Pure; times are monotonic ms.
 *
 * The pace holds by construction. A request takes a slot when it leaves, and gives it back a second after it was
 * answered. A venue has received a request before it answers it; so whatever the network delays or brings together,
 * every request that a venue received within the last second holds a slot, and there are fewer slots than it allows.
 *
 * What is wanted is a set, not a list of orders: streams that come and go between two requests cost nothing, and
 * however long the pace makes them wait, the last wish is what is asked for.
 */

/** A request that the venue understands. */
export type BinanceMethod = 'SUBSCRIBE' | 'UNSUBSCRIBE' | 'PING' | 'LIST_SUBSCRIPTIONS' | 'GET_PROPERTY'

/** A request, and the streams it is about. */
export interface BinanceRequest {
  readonly method: BinanceMethod
  readonly params?: readonly unknown[]
}

/** What to do with an answer: what it was an answer to; `retried` where parts of it are asked again first. */
export interface Answered {
  readonly request: BinanceRequest
  readonly streams: readonly string[]
  readonly retried: boolean
}

/** The requests of one socket. */
export interface Requests {
  /** These streams are wanted. Returns those that the venue sends already, and those that are more than it allows. */
  want(streams: readonly string[]): { readonly held: readonly string[]; readonly tooMany: readonly string[] }
  /** These are wanted no longer. */
  unwant(streams: readonly string[]): void
  /** Another request; false where too many wait. */
  ask(request: BinanceRequest): boolean
  /** The next request that may leave now, as text; undefined where there is none, or it has to wait. */
  next(now: number): string | undefined
  /** When `next` is worth calling again; Infinity where nothing waits. */
  readyAt(now: number): number
  /** An answer has come; undefined where nothing was asked under this id. */
  answered(id: unknown, isRefused: boolean, now: number): Answered | undefined
}

/** What the venue allows, and what is used of it. */
export interface RequestsOptions {
  readonly messagesPerSecond: number
  readonly maxChannels: number
  /** Streams in the address: the venue sends them from the beginning, and nobody can be told to end them. */
  readonly given: readonly string[]
}

/** Streams of one request: so many are known to be taken by every venue. */
const STREAMS_A_REQUEST = 200

/** Requests without an answer are taken for lost after this time. */
const ANSWER_MS = 10_000

const SECOND_MS = 1_000

/** Requests other than subscriptions that may wait. */
const WAITING_MOST = 16

const PING: BinanceRequest = { method: 'PING' }

type Standing = 'joining' | 'joined' | 'leaving'

interface Flight {
  readonly request: BinanceRequest
  readonly streams: readonly string[]
  readonly sentAt: number
}

/** The requests of a new socket. */
export function createRequests({ messagesPerSecond, maxChannels, given }: RequestsOptions): Requests {
  const wanted = new Set<string>()
  const standings = new Map<string, Standing>(given.map((stream) => [stream, 'joined']))
  const fixed = new Set(given)
  const flights = new Map<number, Flight>()
  /** Requests about no stream, in order. */
  let waiting: BinanceRequest[] = []
  let isPingDue = false
  /** When the slot of the last ping comes free; Infinity while it has no answer. One at a time: many would leave no slot for streams. */
  let pingFreeAt = -Infinity
  /** When slots come free whose requests were answered. */
  let resting: number[] = []
  /** Batches that were refused as a whole are asked again in halves, so that one wrong name costs itself only. */
  let halves: (readonly string[])[] = []
  let serial = 0

  // One slot is the venue's: pong frames answer its pings without anybody being asked. Of the others, one is for
  // pings, so that a thousand subscriptions do not delay the sign of life.
  const slots = Math.max(1, messagesPerSecond - 1)
  const subscriptionSlots = Math.max(1, slots - 1)

  const used = (): number => flights.size + resting.length

  function settle(now: number): void {
    resting = resting.filter((freeAt) => freeAt > now)
    for (const [id, { request, streams, sentAt }] of flights) {
      if (now - sentAt < ANSWER_MS) continue
      flights.delete(id)
      if (request === PING) pingFreeAt = now
      // Nobody knows whether it was heard. Both requests may be repeated without harm.
      for (const stream of streams) {
        if (standings.get(stream) === 'leaving') standings.set(stream, 'joined')
        else standings.delete(stream)
      }
    }
  }

  function leaving(): readonly string[] {
    const list: string[] = []
    for (const [stream, standing] of standings) {
      if (standing === 'joined' && !wanted.has(stream) && !fixed.has(stream) && list.push(stream) === STREAMS_A_REQUEST) break
    }
    return list
  }

  function joining(): readonly string[] {
    const room = Math.min(STREAMS_A_REQUEST, maxChannels - standings.size)
    const isFree = (stream: string): boolean => wanted.has(stream) && !standings.has(stream)
    while (halves.length > 0) {
      const half = halves.shift()?.filter(isFree) ?? []
      if (half.length > 0) return half.slice(0, room)
    }
    const list: string[] = []
    if (room <= 0) return list
    for (const stream of wanted) if (isFree(stream) && list.push(stream) === room) break
    return list
  }

  function due(now: number): { readonly request: BinanceRequest; readonly streams: readonly string[] } | undefined {
    if (isPingDue && now >= pingFreeAt) return { request: PING, streams: [] }
    if (used() >= subscriptionSlots) return undefined
    const [first] = waiting
    if (first !== undefined) return { request: first, streams: [] }
    // Leaving comes first: it makes room for those that are wanted.
    const gone = leaving()
    if (gone.length > 0) return { request: { method: 'UNSUBSCRIBE', params: gone }, streams: gone }
    const come = joining()
    return come.length > 0 ? { request: { method: 'SUBSCRIBE', params: come }, streams: come } : undefined
  }

  function isWaiting(): boolean {
    if (waiting.length > 0 || leaving().length > 0) return true
    if (standings.size >= maxChannels) return false
    for (const stream of wanted) if (!standings.has(stream)) return true
    return false
  }

  return {
    want(streams) {
      const held: string[] = []
      const tooMany: string[] = []
      for (const stream of streams) {
        if (!wanted.has(stream) && wanted.size >= maxChannels) {
          tooMany.push(stream)
          continue
        }
        wanted.add(stream)
        if (standings.get(stream) === 'joined') held.push(stream)
      }
      return { held, tooMany }
    },
    unwant(streams) {
      for (const stream of streams) wanted.delete(stream)
    },
    ask(request) {
      if (request.method === 'PING') isPingDue = true
      else if (waiting.length >= WAITING_MOST) return false
      else waiting.push(request)
      return true
    },
    next(now) {
      settle(now)
      if (used() >= slots) return undefined
      const found = due(now)
      if (found === undefined) return undefined
      const { request, streams } = found
      if (request === PING) {
        isPingDue = false
        pingFreeAt = Infinity
      }
      waiting = waiting.filter((one) => one !== request)
      for (const stream of streams) standings.set(stream, request.method === 'SUBSCRIBE' ? 'joining' : 'leaving')
      flights.set(++serial, { request, streams, sentAt: now })
      return JSON.stringify({ ...request, id: serial })
    },
    readyAt(now) {
      let overdue = Infinity
      for (const { sentAt } of flights.values()) overdue = Math.min(overdue, sentAt + ANSWER_MS)
      const slotAt = (limit: number): number => (used() < limit ? now : Math.min(...resting))
      const pingAt = isPingDue ? Math.max(pingFreeAt, slotAt(slots)) : Infinity
      return Math.min(overdue, pingAt, isWaiting() ? slotAt(subscriptionSlots) : Infinity)
    },
    answered(id, isRefused, now) {
      // Venues answer in order; an error without an id is about what has waited longest.
      const known = typeof id === 'number' ? id : isRefused ? flights.keys().next().value : undefined
      const flight = known === undefined ? undefined : flights.get(known)
      if (known === undefined || flight === undefined) return undefined
      const { request, streams } = flight
      flights.delete(known)
      if (request === PING) pingFreeAt = now + SECOND_MS
      resting.push(now + SECOND_MS)
      const isJoin = request.method === 'SUBSCRIBE'
      for (const stream of streams) {
        // A venue that refuses to end a stream does not know it.
        if (isJoin && !isRefused) standings.set(stream, 'joined')
        else standings.delete(stream)
      }
      if (!isJoin || !isRefused) return { request, streams: streams.filter((stream) => wanted.has(stream)), retried: false }
      const middle = Math.ceil(streams.length / 2)
      const retried = streams.length > 1
      if (retried) halves.push(streams.slice(0, middle), streams.slice(middle))
      else wanted.delete(streams[0] as string)
      return { request, streams, retried }
    },
  }
}
