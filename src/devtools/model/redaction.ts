/** Takes secrets out of what is shown, searched, copied and exported. Nothing leaves the log by another way. Pure. */
import { redact } from '../../engine/url.ts'
import type { Frame } from '../../protocol/message.ts'
import type { Entry } from './entry.ts'

/** Stands for what was taken out. */
export const HIDDEN = '***'

/** Names of fields whose values are nobody's business. */
export const SECRET_NAMES: RegExp = /token|secret|passw(or)?d|passphrase|^pwd$|authorization|^auth$|credential|api[-_]?key|private[-_]?key|cookie|jwt/i

/** Whether the value of a field is to be hidden. */
export type IsSecret = (name: string) => boolean

/** The rule that hides the usual names, and those that `more` fits. */
export function secretRule(more?: RegExp): IsSecret {
  // A global pattern remembers where it stopped, and would fit every other time.
  const own = more === undefined ? undefined : new RegExp(more.source, more.flags.replace(/[gy]/g, ''))
  return (name) => SECRET_NAMES.test(name) || own?.test(name) === true
}

/** A copy of a value without its secrets: those by name, and those in URLs and authorization values. */
export function redactValue(value: unknown, isSecret: IsSecret): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((one) => redactValue(one, isSecret))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, isSecret(name) && one !== null && one !== '' ? HIDDEN : redactValue(one, isSecret)]))
}

/** Bytes that are shown of a binary frame. */
const BYTES_SHOWN = 256

function hexOf(frame: Exclude<Frame, string>): string {
  const bytes = frame instanceof ArrayBuffer ? new Uint8Array(frame) : frame
  const shown = Array.from(bytes.subarray(0, BYTES_SHOWN), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return bytes.byteLength > BYTES_SHOWN ? `${shown} … (${bytes.byteLength} bytes)` : shown
}

/** What an entry says, without secrets: a value where it is JSON, else text. */
export function safeValue({ content }: Pick<Entry, 'content'>, isSecret: IsSecret): unknown {
  if (content instanceof ArrayBuffer || content instanceof Uint8Array) return hexOf(content)
  if (typeof content !== 'string') return redactValue(content, isSecret)
  try {
    return redactValue(JSON.parse(content), isSecret)
  } catch {
    return redact(content)
  }
}

/** What an entry says as one line of text, without secrets. */
export function safeText(entry: Pick<Entry, 'content'>, isSecret: IsSecret): string {
  const value = safeValue(entry, isSecret)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Entries as JSON lines: one object a line, without secrets. `timeOf` writes epoch ms as ISO 8601. */
export function toJsonLines(entries: readonly Entry[], isSecret: IsSecret, timeOf: (at: number) => string): string {
  return entries.map((entry) => {
    const { serial, at, direction, type, channel, size } = entry
    return `${JSON.stringify({ serial, at: timeOf(at), direction, type, channel, size, message: safeValue(entry, isSecret) })}\n`
  }).join('')
}
