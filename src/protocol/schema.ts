/** Types that turn a user's map of messages and channels into typed routing. No code. */
import type { Message } from './message.ts'

/**
 * What a server says, as types: data by message type and data by channel. The default knows nothing
 * and types all data as `unknown`.
 *
 * @example
 * interface Feed { messages: { tick: { price: number } }; channels: { btc: { price: number } } }
 * const uplink = createUplink<Feed>({ url: 'wss://example.com' })
 */
export interface Schema {
  readonly messages: object
  readonly channels: object
}

/** The schema of a server nothing is known about. */
export interface UntypedSchema {
  readonly messages: Record<string, unknown>
  readonly channels: Record<string, unknown>
}

/** Names of the message types of a schema. */
export type TypeOf<S extends Schema> = keyof S['messages'] & string

/** Names of the channels of a schema. */
export type ChannelOf<S extends Schema> = keyof S['channels'] & string

/** Message types that a pattern matches: itself, or all that begin as a `prefix*` does. */
export type MatchingType<S extends Schema, Pattern extends string> = Pattern extends `${infer Prefix}*`
  ? Extract<TypeOf<S>, `${Prefix}${string}`>
  : Extract<TypeOf<S>, Pattern>

/** Data of the messages that a pattern matches; `unknown` where the schema does not know them. */
export type DataOf<S extends Schema, Pattern extends string> = [MatchingType<S, Pattern>] extends [never]
  ? unknown
  : S['messages'][MatchingType<S, Pattern> & keyof S['messages']]

/** Data of a channel; `unknown` where the schema does not know it. */
export type ChannelData<S extends Schema, Name extends string> = Name extends keyof S['channels']
  ? S['channels'][Name]
  : unknown

/** What {@link MessagePattern} may be: an exact type, `prefix*`, or a predicate over the message. */
export type MessagePattern<S extends Schema = UntypedSchema> =
  | TypeOf<S>
  | (string & {})
  | ((message: Message) => boolean)
