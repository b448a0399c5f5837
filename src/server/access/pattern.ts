/** Channel patterns such as `user_{userId}_trades`: what matches them, and what a match says. Matching is linear. */
import { UplinkError } from '../../core/errors.ts'

/** What a parameter may be: `text` anything, `word` letters, digits and `-`, `int` a whole number, `uuid` one of RFC 9562. */
export type ParameterType = 'text' | 'word' | 'int' | 'uuid'

type NamesIn<Source extends string> = Source extends `${string}{${infer Inside}}${infer Rest}`
  ? (Inside extends `${infer Name}:${string}` ? Name : Inside) | NamesIn<Rest>
  : never

/**
 * The parameters of a pattern, all of them strings.
 *
 * @example
 * type Trades = ParamsOf<'user_{userId}_trades'> // { readonly userId: string }
 */
export type ParamsOf<Source extends string> = string extends Source
  ? Readonly<Record<string, string>>
  : { readonly [Name in NamesIn<Source>]: string }

/** A pattern, compiled. */
export interface Pattern {
  readonly source: string
  /** Names of its parameters, in order; an exact name has none. */
  readonly names: readonly string[]
  /** Two patterns that differ in the names of parameters only have the same shape, and match the same channels. */
  readonly shape: string
  /** The parameters of a channel, or `null` where the pattern is not that of the channel. Never throws. */
  match(channel: string): Readonly<Record<string, string>> | null
  /** The channel with these parameters. Throws `UPLINK_OPTION_INVALID` where one is missing or not of its type. */
  fill(params: Readonly<Record<string, string>>): string
}

/** Longest channel name, in UTF-16 units. */
export const CHANNEL_LENGTH_MOST = 256

/** Longest value of a `text` parameter, in UTF-16 units. */
export const TEXT_LENGTH_MOST = 128

/** Longest whole number: that of 64 bits. It is kept as text, because `Number` cannot hold all of them. */
const DIGITS_MOST = 19

/**
 * Control characters break logs, and lone surrogates all turn into the same bytes. `?` separates a channel from the
 * suffix of its stream: in a name it would let one channel pass for a stream of another.
 */
const NEVER = /[\p{Cc}\p{Cs}?]/u

interface TypeRule {
  /** Characters that may stand in it; what separates two parameters must hold another one. */
  readonly characters: RegExp
  readonly whole: (value: string) => boolean
}

const TYPES: Readonly<Record<ParameterType, TypeRule>> = {
  text: { characters: /[^]/, whole: (value) => value.length <= TEXT_LENGTH_MOST && !NEVER.test(value) },
  word: { characters: /[A-Za-z0-9-]/, whole: (value) => /^[A-Za-z0-9-]+$/.test(value) },
  // One number is written in one way only: 01 and -0 would be second names of 1 and 0.
  int: { characters: /[0-9-]/, whole: (value) => value.length <= DIGITS_MOST + 1 && /^(?:0|-?[1-9][0-9]*)$/.test(value) },
  uuid: { characters: /[0-9A-Fa-f-]/, whole: (value) => value.length === 36 && /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/.test(value) },
}

/** A parameter and the text that follows it. */
interface Part {
  readonly name: string
  readonly type: ParameterType
  readonly after: string
  /** Where in `after` the first character stands that cannot be part of the value. */
  readonly breakAt: number
}

const isType = (value: string): value is ParameterType => Object.hasOwn(TYPES, value)

function malformed(source: unknown, allowed: string): UplinkError {
  return new UplinkError('UPLINK_OPTION_INVALID', `channel pattern ${JSON.stringify(String(source).slice(0, CHANNEL_LENGTH_MOST))}: ${allowed}`)
}

function readParameter(source: string, inside: string): { readonly name: string; readonly type: ParameterType } {
  const [, name, type = 'text'] = /^([A-Za-z][A-Za-z0-9_]*)(?::([a-z]+))?$/.exec(inside) ?? []
  if (name === undefined) throw malformed(source, 'a parameter is {name} or {name:type}; a name is a letter and then letters, digits and _')
  if (!isType(type)) throw malformed(source, `the type of a parameter is one of ${Object.keys(TYPES).join(', ')}`)
  return { name, type }
}

function readParts(source: string): { readonly start: string; readonly parts: readonly Part[] } {
  const [start = '', ...rest] = source.split('{')
  const parts = rest.map((piece): Part => {
    const end = piece.indexOf('}')
    if (end < 0) throw malformed(source, 'every { needs a }')
    const { name, type } = readParameter(source, piece.slice(0, end))
    const after = piece.slice(end + 1)
    return { name, type, after, breakAt: [...after].findIndex((character) => !TYPES[type].characters.test(character)) }
  })
  if ([start, ...parts.map(({ after }) => after)].some((text) => text.includes('}'))) throw malformed(source, 'every } needs a {')
  return { start, parts }
}

function check(source: string, start: string, parts: readonly Part[]): void {
  if (NEVER.test([start, ...parts.map(({ after }) => after)].join(' '))) throw malformed(source, 'no control characters, no lone surrogates and no ?')
  if (new Set(parts.map(({ name }) => name)).size < parts.length) throw malformed(source, 'every parameter needs a name of its own')
  if (parts.filter(({ type }) => type === 'text').length > 1) throw malformed(source, 'at most one parameter may be text: give the others a type (word, int or uuid)')
  const unbounded = parts.slice(0, -1).find(({ breakAt }) => breakAt < 0)
  if (unbounded !== undefined) {
    throw malformed(source, `{${unbounded.name}} is of type ${unbounded.type}: between it and the next parameter must stand a character that cannot be part of it`)
  }
}

/** The first place from which on a character is not of the type. */
function endOfRun(channel: string, from: number, { characters }: TypeRule): number {
  let end = from
  while (end < channel.length && characters.test(channel.charAt(end))) end++
  return end
}

/**
 * Compiles a pattern. A parameter is `{name}` or `{name:type}`; the whole channel must match. Every channel matches
 * in one way at most: what could match in two is refused here.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the pattern and what is allowed.
 * @example
 * compilePattern('user_{userId}_trades').match('user_1_2_trades') // { userId: '1_2' }
 */
export function compilePattern(source: string): Pattern {
  if (typeof source !== 'string' || source.length === 0 || source.length > CHANNEL_LENGTH_MOST) {
    throw malformed(source, `text of 1 to ${CHANNEL_LENGTH_MOST} characters`)
  }
  const { start, parts } = readParts(source)
  check(source, start, parts)

  function match(channel: string): Readonly<Record<string, string>> | null {
    if (typeof channel !== 'string' || channel.length > CHANNEL_LENGTH_MOST || !channel.startsWith(start)) return null
    if (parts.length === 0) return channel === start ? {} : null
    const params: Record<string, string> = {}
    let from = start.length
    for (const [index, { name, type, after, breakAt }] of parts.entries()) {
      const isLast = index === parts.length - 1
      const end = isLast ? channel.length - after.length : endOfRun(channel, from, TYPES[type]) - breakAt
      if (end <= from || !channel.startsWith(after, end)) return null
      const value = channel.slice(from, end)
      if (!TYPES[type].whole(value)) return null
      params[name] = value
      from = end + after.length
    }
    return Object.freeze(params)
  }

  return {
    source,
    names: parts.map(({ name }) => name),
    shape: start + parts.map(({ type, after }) => `{:${type}}${after}`).join(''),
    match,
    fill(params) {
      const channel = start + parts.map(({ name, type, after }) => {
        const value: unknown = Object.hasOwn(params, name) ? params[name] : undefined
        if (typeof value !== 'string' || value === '' || !TYPES[type].whole(value)) throw malformed(source, `{${name}} must be filled with a ${type}`)
        return value + after
      }).join('')
      if (channel.length > CHANNEL_LENGTH_MOST) throw malformed(source, `a channel has at most ${CHANNEL_LENGTH_MOST} characters`)
      return channel
    },
  }
}

/**
 * The name of a channel from its pattern, to publish on: a value that is not of its type is refused, and cannot
 * name the channel of somebody else.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the pattern and the parameter.
 * @example
 * channelName('user_{userId}_trades', { userId: '42' }) // 'user_42_trades'
 */
export function channelName<const Source extends string>(source: Source, params: ParamsOf<Source>): string {
  return compilePattern(source).fill(params as Readonly<Record<string, string>>)
}
