/** What a client may ask on a socket, and the answers and errors of the venues. */
import type { Guest } from './sockets.ts'
import type { Venue } from './venue.ts'

/** What answering needs. */
export interface RequestsHost {
  readonly venue: Venue
  knows(stream: string): boolean
  follow(stream: string): void
  leave(stream: string): void
}

type Id = number | string | null

interface Refusal {
  readonly code: number
  readonly msg: string
}

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY', 'PING']

/** The venues write their errors in two ways. */
function refuse(venue: Venue, { code, msg }: Refusal, id: Id): string {
  return JSON.stringify(venue.name === 'futures' ? { code, msg, id } : { error: { code, msg }, id })
}

function isId(venue: Venue, id: unknown): id is Id {
  if (typeof id === 'number') return Number.isSafeInteger(id) && (id >= 0 || venue.name !== 'futures')
  return venue.name !== 'futures' && (id === null || (typeof id === 'string' && /^[\w-]{1,36}$/.test(id)))
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === 'string')

/** Answers a request. One that asks for more streams than a socket may follow costs the socket. */
export function answer(text: string, guest: Guest, host: RequestsHost): string | 'too many streams' {
  const { venue, knows } = host
  let request: Readonly<Record<string, unknown>>
  try {
    request = JSON.parse(text) as Record<string, unknown>
  } catch {
    return refuse(venue, { code: 3, msg: `Invalid JSON: expected value at line 1 column ${Math.min(text.length, 1)}` }, null)
  }
  const { method, params, id = null } = request ?? {}
  const no = (msg: string, code = 2): string => refuse(venue, { code, msg }, isId(venue, id) ? id : null)
  const yes = (result: unknown): string => JSON.stringify({ result, id })
  if (!isId(venue, id) || (venue.name === 'futures' && id === null)) return no('Invalid request: request ID must be an unsigned integer')
  if (typeof method !== 'string' || !METHODS.includes(method)) {
    return no(`Invalid request: unknown variant \`${String(method)}\`, expected one of ${METHODS.map((one) => `\`${one}\``).join(', ')} at line 1 column 28`)
  }
  if (method === 'PING') return yes(null)
  if (method === 'LIST_SUBSCRIPTIONS') return yes([...guest.streams])
  if (method.endsWith('PROPERTY')) return property(method, params)
  if (!isTexts(params)) return no('Invalid request: params must be an array of strings')
  const unknown = params.find((stream) => !knows(stream))
  if (unknown !== undefined) return no(`Invalid request: unknown stream \`${unknown}\``)
  if (method === 'UNSUBSCRIBE') {
    for (const stream of params) host.leave(stream)
    return yes(null)
  }
  if (new Set([...guest.streams, ...params]).size > venue.streamsMost) return 'too many streams'
  for (const stream of params) host.follow(stream)
  return yes(null)

  function property(which: string, given: unknown): string {
    const [name, value] = Array.isArray(given) ? (given as unknown[]) : []
    if (name !== 'combined') return no('Unknown property', 0)
    if (which === 'GET_PROPERTY') return yes(guest.combined)
    if (typeof value !== 'boolean') return no('Invalid value type: expected Boolean', 1)
    guest.combined = value
    return yes(null)
  }
}
