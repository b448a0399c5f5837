/** Options, resolved once at the door. */
import type { CreateDelivery } from '../core/delivery.ts'
import { UplinkError } from '../core/errors.ts'
import { type Policy, type PolicyOptions, invalid, resolvePolicy } from '../core/policy.ts'
import type { Follow } from '../core/position.ts'
import { json } from '../protocol/json.ts'
import type { Protocol } from '../protocol/protocol.ts'
import type { CreateCredentials, CredentialsProvider } from './credentials.ts'
import { type Logger, safeLogger } from './logger.ts'
import { type Platform, browserPlatform } from './platform.ts'
import type { MessageStorage } from './storage.ts'
import { type Transport, webSocket } from './transport.ts'
import { checkUrl } from './url.ts'

/** A protocol, and the parts of the client that only it needs. */
export interface ClientProtocol extends Protocol {
  /** Watches messages until they are answered; for protocols with acknowledgements. */
  readonly delivery?: CreateDelivery
  /** Keeps and renews credentials; for protocols that say who the user is. */
  readonly credentials?: CreateCredentials
  /** Finds holes between messages; for protocols that number them, and cannot ask for them again. */
  readonly follow?: Follow
  /** Puts what the server's rules ask of each socket around the transport: a pace, ids of requests. */
  wrapTransport?(transport: Transport, platform: Platform): Transport
}

/** What a URL function is told. */
export interface UrlRequest {
  /** Failed attempts in a row before this one. */
  readonly attempt: number
  /** Aborted when the answer is no longer wanted: timed out, disconnected, destroyed. */
  readonly signal: AbortSignal
}

/** Asked for the URL before every attempt. One that throws, rejects or takes longer than `connectTimeout` is a failed attempt. */
export type UrlFunction = (request: UrlRequest) => string | Promise<string>

/**
 * Where to connect: an absolute `ws:` or `wss:` URL (`http:` and `https:` are understood, and so are
 * relative ones on a page), a promise of one, or a function.
 */
export type UrlSource = string | Promise<string> | UrlFunction

/** Options of a connection. */
export interface ConnectionOptions extends PolicyOptions {
  readonly url: UrlSource
  /** Sub-protocols to offer, besides the protocol's own. @default [] */
  readonly protocols?: readonly string[]
  /** How messages are put on the wire. @default json() */
  readonly protocol?: ClientProtocol
  /** What carries frames. @default webSocket() */
  readonly transport?: Transport
  /** Clock, chance and page life. @default browserPlatform() */
  readonly platform?: Platform
  /** Names this client to servers, 1 to 128 characters. @default a random UUID */
  readonly clientId?: string
  /** Asked for credentials before a dial that needs them, and again before they end. @default nobody is asked */
  readonly credentials?: CredentialsProvider
  /**
   * Name of a query parameter that carries the credentials (a string then), for servers that read them nowhere else.
   * URLs are written into logs of servers and proxies: prefer the first message, which is the default.
   * @default false
   */
  readonly credentialsInQuery?: string | false
  /** Who the user is: what storage keeps is bound to it. Where the server says whom it takes the user for, it must be the same. */
  readonly identity?: string
  /** Keeps messages beyond the page; needs `identity`. @default nothing is kept */
  readonly storage?: MessageStorage
  /** Tells connections of one identity apart in the storage. @default the URL without its query, or 'uplink' where it is a function */
  readonly storageKey?: string
  /** Where to write down what happens; secrets are taken out. @default nowhere */
  readonly logger?: Logger
}

/** Options with everything filled in. */
export interface ResolvedOptions {
  readonly url: string | UrlFunction
  readonly protocols: readonly string[]
  readonly protocol: ClientProtocol
  readonly transport: Transport
  readonly platform: Platform
  /** `undefined`: one is drawn when it is first needed, never while a server renders. */
  readonly clientId: string | undefined
  readonly logger: Logger | undefined
  readonly credentials: CredentialsProvider | undefined
  readonly credentialsInQuery: string | false
  readonly identity: string | undefined
  readonly storage: MessageStorage | undefined
  /** What the storage keeps is found under this. */
  readonly scope: string
  readonly policy: Policy
}

/** Characters of an HTTP token, which is what a sub-protocol has to be (RFC 6455 section 4.1). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** An option that is not as it has to be. */
export const bad = (text: string): UplinkError => new UplinkError('UPLINK_OPTION_INVALID', text)

/** A part of a scope that ends where it seems to: no key and identity together look like another two. */
const part = (text: string): string => text.replaceAll('%', '%25').replaceAll('|', '%7C')

/** Names of options that are not numbers, and of those that what is built on a connection adds. */
const OTHERS = 'url protocols protocol transport platform clientId credentials credentialsInQuery identity storage storageKey logger fallback connectionGrace display middleware key'.split(' ')

/** How much of two names is the same, from their beginning, whatever the case. */
function likeness(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length]?.toLowerCase() === b[length]?.toLowerCase()) length++
  return length
}

/** Tells of options that do not exist. No error: an object with more in it may be what the application has at hand. */
function warnOfUnknown(options: ConnectionOptions, policy: Policy): void {
  const known = [...OTHERS, ...Object.keys(policy)]
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const nearest = known.reduce((best, one) => (likeness(name, one) > likeness(name, best) ? one : best))
    safeLogger(options.logger).warn(`there is no option "${name}"; the nearest is "${nearest}"`)
  }
}

/** What a protocol is made by has to be called. */
function checkProtocol(protocol: ClientProtocol): void {
  if (typeof protocol?.encode === 'function' && typeof protocol.decode === 'function' && typeof protocol.features === 'object') return
  throw bad('protocol has a wrong value; allowed: what json() or uplink() returns, or a Protocol')
}

type UserOptions = Pick<ResolvedOptions, 'credentials' | 'credentialsInQuery' | 'identity' | 'storage' | 'scope'>

/** What depends on who the user is. */
function resolveUser(options: ConnectionOptions, protocol: ClientProtocol, url: string | undefined): UserOptions {
  const { credentials, credentialsInQuery = false, identity, storage, storageKey } = options
  if (credentials !== undefined && typeof credentials !== 'function') throw bad('credentials is no function; give one that returns a token, or null')
  if (credentialsInQuery !== false && (typeof credentialsInQuery !== 'string' || credentialsInQuery === '')) {
    throw invalid('credentialsInQuery', credentialsInQuery, "false, or the name of a query parameter such as 'token'")
  }
  if (credentials !== undefined && protocol.credentials === undefined) {
    throw bad(`the protocol ${protocol.name} knows nothing of credentials; use uplink(), or a function as url that puts them there`)
  }
  if (identity !== undefined && (typeof identity !== 'string' || identity === '')) throw invalid('identity', identity, 'a string that is not empty')
  if (storage !== undefined && identity === undefined) throw bad('storage needs identity: without it another user of this browser could send what this one left')
  if (storage !== undefined && typeof storage.persistence !== 'function') throw bad('storage has no persistence; give one of uplink/storage/*, or add `persistence` from uplink/storage to your own')
  const key = storageKey ?? url?.replace(/[?#].*$/, '') ?? 'uplink'
  return { credentials, credentialsInQuery, identity, storage, scope: `${part(key)}|${part(identity ?? '')}` }
}

/**
 * Checks options and fills in defaults.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` or `UPLINK_URL_INVALID`, naming the option and what is allowed.
 */
export function resolveOptions(options: ConnectionOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null) {
    throw bad("options is missing; write for example {url: 'wss://example.com/ws'}")
  }
  const platform = options.platform ?? browserPlatform()
  const { url, transport = webSocket() } = options
  // Only what is left out has a default: null is a mistake.
  const protocol: ClientProtocol = options.protocol === undefined ? json() : options.protocol
  checkProtocol(protocol)
  if (typeof transport !== 'function' || transport === (webSocket as unknown)) throw bad('transport has a wrong value; allowed: what webSocket() or ws() returns, or a Transport')
  const promised = typeof url === 'object' && url !== null && typeof url.then === 'function'
  // Whether it breaks is asked at dialing; until then a broken promise is nobody's accident.
  if (promised) url.catch(() => undefined)
  // On a server there is no page to be relative to, and nothing to dial: the real check is at dialing.
  if (typeof url !== 'function' && !promised) checkUrl(url, platform.pageUrl() ?? 'http://page.invalid/')
  const protocols = [...(protocol.subprotocols ?? []), ...(options.protocols ?? [])]
  for (const name of protocols) {
    if (typeof name !== 'string' || !TOKEN.test(name)) throw bad(`protocols contains ${JSON.stringify(name)}; allowed: names without spaces or separators`)
  }
  if (new Set(protocols).size < protocols.length) throw bad(`protocols has a name twice: ${protocols.join(', ')}`)
  const policy = resolvePolicy(options, protocol.answersPings)
  warnOfUnknown(options, policy)
  return Object.freeze({
    url: promised ? () => url : (url as string | UrlFunction),
    protocols,
    protocol,
    transport: protocol.wrapTransport?.(transport, platform) ?? transport,
    platform,
    clientId: options.clientId,
    logger: options.logger,
    ...resolveUser(options, protocol, typeof url === 'string' ? url : undefined),
    policy,
  })
}
