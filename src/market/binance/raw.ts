/**
 * Names for the payloads of raw sockets (`/ws`), which do not say which stream they belong to. They are told by event,
 * symbol and interval; streams that look alike in all of these cannot be on one raw socket.
 */
import { kindOf } from './streams.ts'

/** The streams of one raw socket. */
export interface Names {
  /** Takes a stream; false where its payloads look like another's. */
  add(stream: string): boolean
  remove(stream: string): void
  /** The payload with the name of its stream around it, as combined sockets send it; unchanged where no stream is known that it fits. */
  named(frame: string): string
}

/** Events by kind of stream, where they are called differently. */
const EVENTS: Readonly<Record<string, string>> = {
  depth: 'depthUpdate', ticker: '24hrTicker', miniTicker: '24hrMiniTicker', markPrice: 'markPriceUpdate',
  '!ticker@arr': '[24hrTicker', '!miniTicker@arr': '[24hrMiniTicker', '!markPrice@arr': '[markPriceUpdate', '!bookTicker': 'bookTicker', '!forceOrder@arr': 'forceOrder',
}

const ANY = '*'

/** What the payloads of a stream look like. */
function lookOf(stream: string): string {
  const kind = kindOf(stream)
  const event = EVENTS[kind] ?? kind
  if (event.startsWith('[')) return event
  const symbol = stream.startsWith('!') ? ANY : stream.slice(0, stream.indexOf('@')).toUpperCase()
  // Partial books of spot name no symbol.
  return event === 'partialDepth' ? event : `${event}|${symbol}|${kind === 'kline' ? stream.slice(stream.indexOf('_') + 1) : ''}`
}

type Fields = Readonly<Record<string, unknown>>

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

/** A field that is a text; what is none looks like nothing. */
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What a payload looks like: closest first. */
function looksOf(payload: unknown): readonly string[] {
  if (Array.isArray(payload)) return [`[${text(fields(payload[0])['e'])}`]
  const { e = 'bookTicker', s, k, o, lastUpdateId } = fields(payload)
  if (lastUpdateId !== undefined) return ['partialDepth']
  const own = `${text(e)}|${text(s ?? fields(o)['s'])}|${text(fields(k)['i'])}`
  return e === 'depthUpdate' ? [own, 'partialDepth'] : [own, `${text(e)}|${ANY}|`]
}

/** Keeps the names of a raw socket. */
export function createNames(given: readonly string[]): Names {
  const byLook = new Map<string, string>(given.map((stream) => [lookOf(stream), stream]))
  const fixed = new Set(given)

  return {
    add(stream) {
      const look = lookOf(stream)
      const known = byLook.get(look)
      if (known !== undefined && known !== stream) return false
      byLook.set(look, stream)
      return true
    },
    remove(stream) {
      const look = lookOf(stream)
      if (byLook.get(look) === stream && !fixed.has(stream)) byLook.delete(look)
    },
    named(frame) {
      let payload: unknown
      try {
        payload = JSON.parse(frame)
      } catch {
        return frame
      }
      const stream = looksOf(payload).map((look) => byLook.get(look)).find((found) => found !== undefined)
      return stream === undefined ? frame : `{"stream":${JSON.stringify(stream)},"data":${frame}}`
    },
  }
}
