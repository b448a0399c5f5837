/** Options, resolved once at the door. */
import { UplinkError } from '../core/errors.ts'
import { type Policy, type PolicyOptions, resolvePolicy } from '../core/policy.ts'
import { json } from '../protocol/json.ts'
import type { Protocol } from '../protocol/protocol.ts'
import type { Logger } from './logger.ts'
import { type Platform, browserPlatform } from './platform.ts'
import { type Transport, webSocket } from './transport.ts'
import { checkUrl } from './url.ts'

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
  readonly protocol?: Protocol
  /** What carries frames. @default webSocket() */
  readonly transport?: Transport
  /** Clock, chance and page life. @default browserPlatform() */
  readonly platform?: Platform
  /** Names this client to servers and in message ids. @default a random UUID */
  readonly clientId?: string
  /** Where to write down what happens; secrets are taken out. @default nowhere */
  readonly logger?: Logger
}

/** Options with everything filled in. */
export interface ResolvedOptions {
  readonly url: string | UrlFunction
  readonly protocols: readonly string[]
  readonly protocol: Protocol
  readonly transport: Transport
  readonly platform: Platform
  /** `undefined`: one is drawn when it is first needed, never while a server renders. */
  readonly clientId: string | undefined
  readonly logger: Logger | undefined
  readonly policy: Policy
}

/** Characters of an HTTP token, which is what a sub-protocol has to be (RFC 6455 section 4.1). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/**
 * Checks options and fills in defaults.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` or `UPLINK_URL_INVALID`, naming the option and what is allowed.
 */
export function resolveOptions(options: ConnectionOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new UplinkError('UPLINK_OPTION_INVALID', "options is missing; write for example {url: 'wss://example.com/ws'}")
  }
  const platform = options.platform ?? browserPlatform()
  const protocol = options.protocol ?? json()
  const { url } = options
  const promised = typeof url === 'object' && url !== null && typeof url.then === 'function'
  // Whether it breaks is asked at dialing; until then a broken promise is nobody's accident.
  if (promised) url.catch(() => undefined)
  // On a server there is no page to be relative to, and nothing to dial: the real check is at dialing.
  if (typeof url !== 'function' && !promised) checkUrl(url, platform.pageUrl() ?? 'http://page.invalid/')
  const protocols = [...(protocol.subprotocols ?? []), ...(options.protocols ?? [])]
  for (const name of protocols) {
    if (typeof name !== 'string' || !TOKEN.test(name)) {
      throw new UplinkError('UPLINK_OPTION_INVALID', `protocols contains ${JSON.stringify(name)}; allowed: names without spaces or separators`)
    }
  }
  if (new Set(protocols).size < protocols.length) {
    throw new UplinkError('UPLINK_OPTION_INVALID', `protocols has a name twice: ${protocols.join(', ')}`)
  }
  return Object.freeze({
    url: promised ? () => url : (url as string | UrlFunction),
    protocols,
    protocol,
    transport: options.transport ?? webSocket(),
    platform,
    clientId: options.clientId,
    logger: options.logger,
    policy: resolvePolicy(options),
  })
}
