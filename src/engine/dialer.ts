/** One attempt at a time: asks for the URL, opens the socket, and lets go of both. */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { Loss, Signal } from '../core/machine.ts'
import { closeMeaning } from '../protocol/close.ts'
import type { Frame } from '../protocol/message.ts'
import type { CredentialsKeeper } from './credentials.ts'
import type { Emitter } from './events.ts'
import type { ResolvedOptions } from './options.ts'
import type { Socket } from './transport.ts'
import { checkUrl, redact } from './url.ts'

/** What the dialer tells. */
export interface DialerHost {
  signal(signal: Signal): void
  receive(frame: Frame): void
  readonly emit: Emitter['emit']
  heard(): void
  attempt(): number
  readonly credentials: CredentialsKeeper | undefined
}

/** The dialer; each method performs one effect of the machine. */
export interface Dialer {
  resolve(generation: number): void
  dial(generation: number): void
  /** Detaches from the attempt and lets it die unheard, however long that takes the network. */
  drop(code: number, reason: string): void
  /** Starts the closing handshake and stays attached. */
  close(code: number, reason: string): void
  /** Sends a frame of the protocol itself. */
  say(frame: Frame | undefined): void
  socket(): Socket | undefined
}

/** A WebSocket's close reason may have 123 bytes (RFC 6455 section 5.5); ours are ASCII. */
const REASON_LENGTH = 123

/** Makes a dialer. */
export function createDialer(options: ResolvedOptions, host: DialerHost): Dialer {
  const { platform, url, credentialsInQuery } = options
  const { credentials } = host
  let abort: AbortController | undefined
  let address = ''
  /** Parts of the dialed address that nobody but the server may see. */
  let secrets: readonly string[] = []
  let socket: Socket | undefined
  /** The generation whose socket may still speak; 0 is nobody's. */
  let attached = 0

  function rejected(generation: number, thrown: unknown): void {
    const error = thrown instanceof UplinkError
      ? thrown
      : new UplinkError('UPLINK_PROVIDER_FAILED', `the url function failed: ${redact(messageOf(thrown))}`, { cause: thrown })
    host.signal({ type: 'rejected', generation, error })
  }

  function accept(generation: number, url: unknown): void {
    try {
      address = checkUrl(url, platform.pageUrl())
    } catch (thrown) {
      return rejected(generation, thrown)
    }
    host.signal({ type: 'resolved', generation })
  }

  function resolve(generation: number): void {
    const controller = new AbortController()
    abort = controller
    const { signal } = controller
    try {
      const signingIn = credentials?.isNeeded() === true ? credentials.ask(signal) : undefined
      const answer = typeof url === 'function' ? url({ attempt: host.attempt(), signal }) : url
      if (signingIn === undefined && typeof answer === 'string') return accept(generation, answer)
      Promise.all([answer, signingIn]).then(
        ([value]) => accept(generation, value),
        (thrown: unknown) => rejected(generation, thrown),
      )
    } catch (thrown) {
      rejected(generation, thrown)
    }
  }

  function addressed(): string {
    const base = typeof url === 'string' ? checkUrl(url, platform.pageUrl()) : address
    const token = credentials?.token()
    if (credentialsInQuery === false || token === undefined) return base
    const whole = new URL(base)
    whole.searchParams.set(credentialsInQuery, String(token))
    return whole.href
  }

  function secretsOf(dialed: string): string[] {
    const { origin, search } = new URL(dialed)
    const token = credentialsInQuery === false ? undefined : credentials?.token()
    const written = token === undefined ? [] : [String(token), encodeURIComponent(String(token)), String(new URLSearchParams([['', String(token)]])).slice(1)]
    // What a function answers is secret beyond its host: applications put tickets into paths, too.
    return [typeof url === 'function' ? dialed.slice(origin.length) : '', search, ...written].filter((part) => part.length > 1)
  }

  /** What a transport or a server says may contain the address, and the address a secret. */
  function hide(text: string): string {
    return redact(secrets.reduce((safe, secret) => safe.replaceAll(secret, '***'), text))
  }

  /** A loss that anybody may read. What is under it is somebody else's, and cannot be searched for secrets. */
  function shown({ reason, cause, ...loss }: Loss): Loss {
    return { ...loss, reason: hide(String(reason ?? '')), ...(secrets.length > 0 || cause === undefined ? {} : { cause }) }
  }

  function dial(generation: number): void {
    attached = generation
    const ours = (): boolean => attached === generation
    try {
      const dialed = addressed()
      secrets = secretsOf(dialed)
      const opened = options.transport({ url: dialed, protocols: options.protocols }, {
        opened: () => { if (ours()) host.signal({ type: 'opened', generation }) },
        frame: (frame) => {
          if (!ours()) return
          host.emit('frameReceived', frame)
          host.receive(frame)
        },
        activity: () => { if (ours()) host.heard() },
        closed: (loss) => {
          if (!ours()) return
          release()
          if (closeMeaning(loss.code).advice === 'authorize') credentials?.reject()
          host.signal({ type: 'lost', generation, ...shown(loss) })
        },
      })
      // A transport may fail before it returns; what it returns then is nobody's.
      if (!ours()) return
      if (typeof opened?.send !== 'function') {
        throw new UplinkError('UPLINK_OPTION_INVALID', 'transport opened no socket; if a function makes it, call that, as in ws()', { severity: 'fatal' })
      }
      socket = opened
    } catch (thrown) {
      release()
      host.signal(
        thrown instanceof UplinkError
          ? { type: 'undialable', generation, error: new UplinkError(thrown.code, hide(thrown.message), { severity: thrown.severity }) }
          : { type: 'lost', generation, ...shown({ code: 1006, reason: messageOf(thrown), cause: thrown }) },
      )
    }
  }

  function release(): void {
    attached = 0
    socket = undefined
    abort = undefined
  }

  function hangUp(target: Socket | undefined, code: number, reason: string): void {
    try {
      target?.close(code, reason.slice(0, REASON_LENGTH))
    } catch {
      // A socket that cannot even be closed is detached already, and there is nothing left to do for it.
    }
  }

  return {
    resolve,
    dial,
    drop(code, reason) {
      const old = socket
      const asking = abort
      release()
      asking?.abort()
      hangUp(old, code, reason)
    },
    close: (code, reason) => hangUp(socket, code, reason),
    say(frame) {
      if (frame === undefined || socket === undefined) return
      try {
        socket.send(frame)
        host.emit('frameSent', frame)
      } catch {
        // The socket is on its way out; its close event will say so.
      }
    },
    socket: () => socket,
  }
}
