/** What a handshake says: address, token; and how it is refused. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Refusal } from './door.ts'

/** An address without what stands around it: a port, brackets, or the prefix that a socket for both families puts before IPv4. */
function bareOf(hop: string): string {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(hop) ?? []
  if (bracketed !== undefined) return bracketed
  // One colon: an IPv4 address and a port, as some proxies write it.
  if (/^[^:]+:\d+$/.test(hop)) return hop.slice(0, hop.indexOf(':'))
  return hop.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Network address of a client; behind proxies that are trusted, the one they were connected to by. */
export function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const direct = bareOf(request.socket.remoteAddress ?? '')
  if (trustedProxies <= 0) return direct
  const { 'x-forwarded-for': forwarded = '' } = request.headers
  const hops = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded).split(',').map((hop) => hop.trim()).filter((hop) => hop !== '')
  const hop = hops.at(-trustedProxies)
  return hop === undefined ? direct : bareOf(hop)
}

/** The token of `Authorization: Bearer …`. RFC 6750, section 2.1. */
export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** A parameter of the query. */
export function queryOf({ url = '/' }: IncomingMessage, name: string): string | undefined {
  const start = url.indexOf('?')
  return start < 0 ? undefined : (new URLSearchParams(url.slice(start)).get(name) ?? undefined)
}

const STATUS: Readonly<Record<Refusal['status'], string>> = { 403: 'Forbidden', 404: 'Not Found', 429: 'Too Many Requests', 503: 'Service Unavailable' }

/** Answers an upgrade with a status instead. */
export function refuse(carrier: Duplex, { status, reason, retryAfterMs }: Refusal): void {
  const retry = retryAfterMs === undefined ? '' : `Retry-After: ${Math.max(1, Math.ceil(retryAfterMs / 1_000))}\r\n`
  carrier.end(`HTTP/1.1 ${status} ${STATUS[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(reason)}\r\n${retry}\r\n${reason}`)
}
