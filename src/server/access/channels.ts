/** All channels of a server: which one a name belongs to, and who may do what there. What is not defined is denied. */
import { UplinkError, messageOf } from '../../core/errors.ts'
import type { ChannelParams } from '../../protocol/message.ts'
import type { User } from '../user.ts'
import { type ChannelDefinition, RIGHTS, type Right } from './channel.ts'
import { CHANNEL_LENGTH_MOST } from './pattern.ts'
import { type Answer, ask, whenKnown } from './rules.ts'

/** A channel that was found. */
export interface FoundChannel {
  readonly definition: ChannelDefinition
  /** Parameters of the pattern. */
  readonly params: Readonly<Record<string, string>>
}

/** Whether a user may, and which stream it is about. */
export type Decision =
  | { readonly allowed: true; readonly stream: string; readonly definition: ChannelDefinition }
  | {
    readonly allowed: false
    readonly code: 'unknown_channel' | 'not_authorized' | 'bad_params'
    /** May be told to the client. */
    readonly message: string
    /** What a rule or a stream function threw: for the log, not for the client. */
    readonly cause?: unknown
  }

/** One right of an explanation. */
export interface ExplainedRight {
  readonly allowed: boolean
  /** Name of the rule; `null` where there is none, because the channel is unknown. */
  readonly rule: string | null
  readonly why: string
}

/** What a user may do with a channel, and why. For developers: it may quote what a rule threw. */
export interface Explanation {
  readonly channel: string
  /** The pattern it belongs to; `null` where there is none. */
  readonly pattern: string | null
  readonly params: Readonly<Record<string, string>>
  readonly rights: Readonly<Record<Right, ExplainedRight>>
}

/** The channels of a server. */
export interface Channels {
  /** What a name belongs to: an exact name before patterns, among patterns the one defined first. */
  find(channel: string): FoundChannel | null
  /** Whether a user may; at once where the rule answers at once. `params` are those of the subscription. */
  permit(user: User, right: Right, channel: string, params?: ChannelParams): Decision | Promise<Decision>
  /** Says of each right whether the user has it, and why. */
  explain(user: User, channel: string): Promise<Explanation>
}

/** Longest suffix of a stream, in UTF-16 units. */
const SUFFIX_LENGTH_MOST = 256

/** Whatever a client named, short enough for a message. */
const quote = (text: unknown): string => {
  const shown = String(text)
  return JSON.stringify(shown.length > CHANNEL_LENGTH_MOST ? `${shown.slice(0, CHANNEL_LENGTH_MOST)}…` : shown)
}

const isSuffix = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= SUFFIX_LENGTH_MOST && !/[\p{Cc}\p{Cs}]/u.test(value)

/** The stream that is meant. Without params, or with none in them, it is named like the channel. */
function streamOf(definition: ChannelDefinition, channel: string, params: ChannelParams | undefined): Decision {
  if (params === undefined || Object.keys(params).length === 0) return { allowed: true, stream: channel, definition }
  const refuse = (why: string, failure: { readonly cause?: unknown } = {}): Decision =>
    ({ allowed: false, code: 'bad_params', message: `channel ${quote(channel)} ${why}`, ...failure })
  if (definition.stream === undefined) return refuse('takes no params')
  try {
    const suffix: unknown = definition.stream(params)
    return isSuffix(suffix) ? { allowed: true, stream: `${channel}?${suffix}`, definition } : refuse('does not take these params')
  } catch (cause) {
    return refuse('could not read these params', { cause })
  }
}

function denial(channel: string, right: Right, rule: string, answer: Answer): Decision {
  const start = `${right} on channel ${quote(channel)} is not allowed`
  return 'failure' in answer
    ? { allowed: false, code: 'not_authorized', message: `${start}: the rule ${rule} failed`, cause: answer.failure }
    : { allowed: false, code: 'not_authorized', message: `${start} by the rule ${rule}` }
}

function describe({ identity, roles }: User): string {
  return `${identity === null ? 'somebody without a name' : `user ${quote(identity)}`} with ${roles.length === 0 ? 'no roles' : `the roles ${roles.join(', ')}`}`
}

function explainRight(rule: string, user: User, answer: Answer): ExplainedRight {
  if ('failure' in answer) return { allowed: false, rule, why: `${rule} failed, and so denies: ${messageOf(answer.failure)}` }
  return { allowed: answer.allowed, rule, why: `${rule} ${answer.allowed ? 'allows' : 'does not allow'} ${describe(user)}` }
}

/** Sorts definitions into exact names and patterns. */
function sort(definitions: readonly ChannelDefinition[]): { readonly exact: ReadonlyMap<string, ChannelDefinition>; readonly patterns: readonly ChannelDefinition[] } {
  const shapes = new Map<string, string>()
  for (const { pattern: { shape, source } } of definitions) {
    const earlier = shapes.get(shape)
    if (earlier !== undefined) {
      throw new UplinkError('UPLINK_OPTION_INVALID', `channel pattern ${quote(source)} matches the same channels as ${quote(earlier)}: define it once`)
    }
    shapes.set(shape, source)
  }
  const isExact = ({ pattern }: ChannelDefinition): boolean => pattern.names.length === 0
  return {
    exact: new Map(definitions.filter(isExact).map((definition) => [definition.pattern.source, definition])),
    patterns: definitions.filter((definition) => !isExact(definition)),
  }
}

/**
 * Makes the registry of a server's channels.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` where two definitions have the same pattern.
 * @example
 * const channels = createChannels([channel('news', { subscribe: everyone }), ...tradingChannels()])
 * await channels.explain({ identity: 'ann', roles: [] }, 'all_trades')
 */
export function createChannels(definitions: readonly ChannelDefinition[]): Channels {
  const { exact, patterns } = sort(definitions)

  function find(channel: string): FoundChannel | null {
    const named = exact.get(channel)
    if (named !== undefined) return { definition: named, params: {} }
    for (const definition of patterns) {
      const params = definition.pattern.match(channel)
      if (params !== null) return { definition, params }
    }
    return null
  }

  return {
    find,
    permit(user, right, channel, params) {
      const found = find(channel)
      if (found === null) return { allowed: false, code: 'unknown_channel', message: `there is no channel ${quote(channel)}` }
      const { definition } = found
      const { [right]: rule } = definition.rules
      // The rule comes first: whom it denies learns nothing of params.
      return whenKnown(ask(rule, user, found.params), (answer): Decision =>
        answer.allowed ? streamOf(definition, channel, params) : denial(channel, right, rule.name, answer))
    },
    async explain(user, channel) {
      const found = find(channel)
      const explained: Partial<Record<Right, ExplainedRight>> = {}
      for (const right of RIGHTS) {
        if (found === null) {
          explained[right] = { allowed: false, rule: null, why: 'no definition matches this channel, and what is not defined is denied' }
          continue
        }
        const { [right]: rule } = found.definition.rules
        explained[right] = explainRight(rule.name, user, await ask(rule, user, found.params))
      }
      const rights = explained as Readonly<Record<Right, ExplainedRight>>
      return { channel, pattern: found?.definition.pattern.source ?? null, params: found?.params ?? {}, rights }
    },
  }
}
