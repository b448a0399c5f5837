/**
 * Binance's rules around a transport: requests are numbered, paced and batched here, a socket at a time, because a
 * protocol has no state. Answers go on to the protocol with what they are answers to; payloads of raw streams with the
 * name of their stream, which they do not say themselves.
 */
import type { Platform, TimerHandle } from '../../engine/platform.ts'
import type { Transport } from '../../engine/transport.ts'
import type { Frame } from '../../protocol/message.ts'
import { createNames } from './raw.ts'
import { type BinanceRequest, type RequestsOptions, createRequests } from './requests.ts'

/** A reply, as the protocol reads it: the venue's own fields, and what was asked. */
export interface Reply {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly msg: string }
  /** What was asked; missing where nothing was asked under the id of the answer. */
  readonly answers?: { readonly method: string; readonly streams: readonly string[]; readonly retried: boolean }
}

/** Code of a refusal that no venue gave: it was not even asked. */
export const NOT_ASKED = 'not_asked'

const DATA = '{"stream":'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The error of a reply, in either of the venues' forms. */
function errorOf(reply: Readonly<Record<string, unknown>>): Reply['error'] {
  const error = isObject(reply['error']) ? reply['error'] : reply
  const { code, msg } = error
  if (code === undefined) return undefined
  return { code: typeof code === 'number' ? code : 0, msg: typeof msg === 'string' ? msg : 'no reason was given' }
}

/** A reply where the text is one; undefined for everything else, payloads and garbage alike. */
function replyOf(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.startsWith(DATA)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) && value['e'] === undefined && ('result' in value || 'error' in value || ('code' in value && 'msg' in value)) ? value : undefined
  } catch {
    return undefined
  }
}

/** The streams in an address, and whether payloads of its sockets come without their names. */
function addressed(url: string): { readonly given: readonly string[]; readonly isRaw: boolean } {
  const { pathname, searchParams } = new URL(url)
  const raw = /\/ws(?:\/(.*))?$/.exec(pathname)
  const list = raw === null ? (searchParams.get('streams') ?? '') : decodeURIComponent(raw[1] ?? '')
  return { given: list.split('/').filter(Boolean), isRaw: raw !== null }
}

/** Puts the rules of a venue around a transport. */
export function wrapTransport(inner: Transport, platform: Platform, limits: Omit<RequestsOptions, 'given'>): Transport {
  return (request, events) => {
    const { given, isRaw } = addressed(request.url)
    const requests = createRequests({ ...limits, given })
    const names = isRaw ? createNames(given) : undefined
    let timer: TimerHandle
    let isClosed = false

    /** Sends what may go now, and comes back for the rest. */
    function pump(): void {
      platform.clearTimer(timer)
      if (isClosed) return
      const now = platform.now()
      for (let frame = requests.next(now); frame !== undefined; frame = requests.next(now)) socket.send(frame)
      const readyAt = requests.readyAt(now)
      if (readyAt !== Infinity) timer = platform.setTimer(pump, Math.max(1, readyAt - now))
    }

    const tell = (reply: Reply): void => events.frame(JSON.stringify(reply))

    function receive(frame: Frame): void {
      const reply = typeof frame === 'string' ? replyOf(frame) : undefined
      if (reply === undefined) return events.frame(typeof frame === 'string' && names !== undefined ? names.named(frame) : frame)
      const error = errorOf(reply)
      const { result, id } = reply
      const answered = requests.answered(id, error !== undefined, platform.now())
      const { request: asked, streams = [], retried = false } = answered ?? {}
      tell({ ...(error === undefined ? { result } : { error }), ...(asked === undefined ? {} : { answers: { method: asked.method, streams, retried } }) })
      return pump()
    }

    function refuse(streams: readonly string[], msg: string): void {
      if (streams.length > 0) tell({ error: { code: 0, msg }, answers: { method: NOT_ASKED, streams, retried: false } })
    }

    function want(streams: readonly string[]): void {
      const clear = names === undefined ? streams : streams.filter((stream) => names.add(stream))
      const { held, tooMany } = requests.want(clear)
      if (held.length > 0) tell({ result: null, answers: { method: 'SUBSCRIBE', streams: held, retried: false } })
      refuse(tooMany, `one socket takes ${limits.maxChannels} streams; use uplink/pool for more`)
      if (names !== undefined) refuse(streams.filter((stream) => !clear.includes(stream)), 'its payloads cannot be told from those of another stream of this raw socket; use /stream')
    }

    const socket = inner(request, {
      ...events,
      frame: receive,
      closed(loss) {
        isClosed = true
        platform.clearTimer(timer)
        events.closed(loss)
      },
    })

    return {
      send(frame) {
        const { method, params } = JSON.parse(String(frame)) as BinanceRequest
        if (method === 'SUBSCRIBE') want(params as readonly string[])
        else if (method === 'UNSUBSCRIBE') {
          requests.unwant(params as readonly string[])
          for (const stream of params as readonly string[]) names?.remove(stream)
        } else if (!requests.ask(params === undefined ? { method } : { method, params })) throw new Error('too many requests wait for the venue')
        pump()
      },
      close(code, reason) {
        isClosed = true
        platform.clearTimer(timer)
        socket.close(code, reason)
      },
      get bufferedAmount() {
        return socket.bufferedAmount
      },
    }
  }
}
