/** One kind of channel: its pattern, who may do what there, and how its messages are kept and delivered. */
import { UplinkError } from '../../core/errors.ts'
import type { ChannelParams } from '../../protocol/message.ts'
import type { HistoryLimits } from '../stream.ts'
import { type ParamsOf, type Pattern, compilePattern } from './pattern.ts'
import { type Rule, nobody } from './rules.ts'

/** What a user may do with a channel. */
export type Right = 'subscribe' | 'publish' | 'history'

/** All rights, in the order they are explained. */
export const RIGHTS: readonly Right[] = Object.freeze(['subscribe', 'publish', 'history'])

/**
 * What happens where a client reads slower than messages come: messages are left out, and it gets the newest of
 * every key once it reads again (`conflate`); it is closed with 4413 and resumes from its positions (`resume`); or
 * messages are left out, and it is told that something is missing (`drop`).
 */
export type Slow = 'conflate' | 'resume' | 'drop'

/** What a snapshot is asked for. */
export interface SnapshotRequest<Params = Readonly<Record<string, string>>> {
  readonly channel: string
  readonly stream: string
  /** Parameters of the channel's pattern. */
  readonly params: Params
}

/** Settings of a channel; they are carried along as they are. */
export interface ChannelSettings<Params = Readonly<Record<string, string>>> {
  /** How much of each stream is kept. @default the server's limits */
  readonly keep?: Partial<HistoryLimits>
  /** In so many ms only the newest message of every key is sent; it covers the others. @default all are sent */
  readonly throttleMs?: number
  /** Messages of so many ms are sent as one frame. @default those of one turn of the event loop */
  readonly batchMs?: number
  /** Whether it belongs to one node: its messages stay there, whatever the broker is. @default false */
  readonly local?: boolean
  /** Whether its followers are counted on all nodes, for `presence()`. @default false */
  readonly presence?: boolean
  /** What happens to slow clients. @default 'resume' */
  readonly slow?: Slow
  /** Gives the present state, for clients whose messages cannot be recovered. @default none */
  readonly snapshot?: (about: SnapshotRequest<Params>) => unknown | Promise<unknown>
}

/** What a channel is made of. Nobody may do what no rule allows. */
export interface ChannelOptions<Params = Readonly<Record<string, string>>> extends ChannelSettings<Params> {
  /** Who may follow it. @default nobody */
  readonly subscribe?: Rule<Params>
  /** Who may send to it from a client; your server always may. @default nobody */
  readonly publish?: Rule<Params>
  /** Who may read what was sent before. @default whoever may subscribe */
  readonly history?: Rule<Params>
  /**
   * Turns the params of a subscription into the name of one of the channel's streams; `null` refuses them. The
   * names must be few: every one is a stream that is kept. It runs after the rule has allowed it.
   *
   * @default params are refused
   */
  readonly stream?: (params: ChannelParams) => string | null
}

/** A kind of channel, checked. Made by {@link channel}. */
export interface ChannelDefinition extends ChannelSettings {
  readonly pattern: Pattern
  readonly rules: Readonly<Record<Right, Rule<Readonly<Record<string, string>>>>>
  readonly stream?: (params: ChannelParams) => string | null
  readonly slow: Slow
}

const SLOW: readonly unknown[] = ['conflate', 'resume', 'drop']

function check(source: string, options: ChannelOptions<never>): void {
  const need = (fits: boolean, name: string, allowed: string): void => {
    if (!fits) throw new UplinkError('UPLINK_OPTION_INVALID', `channel ${JSON.stringify(source)}: ${name} must be ${allowed}`)
  }
  const { throttleMs, batchMs, slow, keep, stream, snapshot } = options
  const isCount = (value: unknown): boolean => value === undefined || (typeof value === 'number' && value >= 0)
  for (const right of RIGHTS) {
    const { [right]: given } = options
    need(given === undefined || (typeof given?.name === 'string' && typeof given.allows === 'function'), right, 'a rule')
  }
  need(slow === undefined || SLOW.includes(slow), 'slow', "'conflate', 'resume' or 'drop'")
  need(isCount(throttleMs) && throttleMs !== Infinity, 'throttleMs', 'a number of ms, 0 or more')
  need(isCount(batchMs) && batchMs !== Infinity, 'batchMs', 'a number of ms, 0 or more')
  need(keep === undefined || (typeof keep === 'object' && keep !== null && [keep.count, keep.size, keep.ageMs].every(isCount)), 'keep', '{count, size, ageMs}, each 0 or more')
  need(stream === undefined || typeof stream === 'function', 'stream', 'a function')
  need(snapshot === undefined || typeof snapshot === 'function', 'snapshot', 'a function')
}

/**
 * Defines a kind of channel. Rules and snapshot know the parameters of the pattern.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the pattern and what is allowed.
 * @example
 * channel('user_{userId}_trades', { subscribe: self('userId') })
 */
export function channel<const Source extends string>(pattern: Source, options: ChannelOptions<ParamsOf<Source>> = {}): ChannelDefinition {
  const compiled = compilePattern(pattern)
  check(pattern, options)
  const { subscribe = nobody, publish = nobody, history = subscribe, slow = 'resume', ...settings } = options
  return Object.freeze({ ...settings, pattern: compiled, slow, rules: Object.freeze({ subscribe, publish, history }) }) as ChannelDefinition
}
