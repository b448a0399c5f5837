/** What a broadcast must have: each check names the call, the field, and what is allowed. */
import { UplinkError } from '../../core/errors.ts'

/** What a field must be. JSON turns numbers that are not finite into `null`, so they are refused. */
export type FieldKind = 'text' | 'number' | 'text?'

const KINDS: Readonly<Record<FieldKind, readonly [allowed: string, fits: (value: unknown) => boolean]>> = {
  text: ['text that is not empty', (value) => typeof value === 'string' && value !== ''],
  number: ['a finite number', (value) => Number.isFinite(value)],
  'text?': ['text that is not empty, or left out', (value) => value === undefined || (typeof value === 'string' && value !== '')],
}

const SHOWN_MOST = 64

/** A value, short enough for a message. Objects are not shown: they may hold anything. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_MOST))
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** The error for a field. */
export function badField(field: string, allowed: string, value: unknown): UplinkError {
  return new UplinkError('UPLINK_OPTION_INVALID', `${field} must be ${allowed}; it is ${shown(value)}`)
}

/**
 * Checks a payload; `place` is how the message names it.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the field and what is allowed
 */
export function checkFields<Payload extends object>(place: string, payload: Payload, fields: Readonly<Partial<Record<keyof Payload & string, FieldKind>>>): void {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) throw badField(place, 'an object', payload)
  for (const [name, kind] of Object.entries<FieldKind>(fields as Readonly<Record<string, FieldKind>>)) {
    const [allowed, fits] = KINDS[kind]
    const { [name]: value } = payload as Readonly<Record<string, unknown>>
    if (!fits(value)) throw badField(`${place}.${name}`, allowed, value)
  }
}
