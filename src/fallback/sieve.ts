/**
 * Keeps repeats out where the protocol has no positions: by the names and the numbers that the user's functions give
 * messages. What the socket brings is compared with what was polled, what was polled with both. Bounded.
 */
import type { Message } from '../protocol/message.ts'
import type { PollOptions } from './options.ts'

/** The sieve of one channel. */
export interface Sieve {
  /** Whether a message of the socket was not polled already; remembers it. */
  isNewLive(message: Message): boolean
  /** Whether a polled message was not heard already, by either way; remembers it. */
  isNewPolled(message: Message): boolean
  /** Highest number heard; `null` before the first. */
  since(): number | null
  /** Whether anything was heard that a later message can be compared with. */
  hasHeard(): boolean
  /** The number of a message; `null` where it has none. */
  numberOf(message: Message): number | null
}

/** Names that are remembered, of each way. */
const NAMES_MOST = 1_000

type Name = string | number

function remember(names: Set<Name>, name: Name | undefined): void {
  if (name === undefined) return
  // Newest last, whichever came again.
  names.delete(name)
  names.add(name)
  if (names.size <= NAMES_MOST) return
  for (const oldest of names) {
    names.delete(oldest)
    return
  }
}

/** Whether the user can tell messages apart. */
export function canTell({ keyOf, positionOf }: Pick<PollOptions, 'keyOf' | 'positionOf'>): boolean {
  return keyOf !== undefined || positionOf !== undefined
}

/** Makes a sieve. `failed` hears what the user's functions throw; such a message counts as new. */
export function createSieve({ keyOf, positionOf }: Pick<PollOptions, 'keyOf' | 'positionOf'>, failed: (thrown: unknown) => void): Sieve {
  const live = { names: new Set<Name>(), last: -Infinity }
  const polled = { names: new Set<Name>(), last: -Infinity }

  function ask<Value>(name: ((data: unknown, message: Message) => Value | undefined) | undefined, message: Message): Value | undefined {
    try {
      return name?.(message.data, message)
    } catch (thrown) {
      failed(thrown)
      return undefined
    }
  }

  function numberOf(message: Message): number | null {
    const number = ask(positionOf, message)
    return typeof number === 'number' && !Number.isNaN(number) ? number : null
  }

  function judge(message: Message, mine: typeof live, others: ReadonlyArray<typeof live>): boolean {
    const name = ask(keyOf, message)
    const number = numberOf(message)
    const isRepeat = others.some(({ names, last }) => (name !== undefined && names.has(name)) || (number !== null && number <= last))
    if (isRepeat) return false
    remember(mine.names, name)
    if (number !== null && number > mine.last) mine.last = number
    return true
  }

  return {
    isNewLive: (message) => judge(message, live, [polled]),
    isNewPolled: (message) => judge(message, polled, [live, polled]),
    since() {
      const last = Math.max(live.last, polled.last)
      return last === -Infinity ? null : last
    },
    numberOf,
    hasHeard: () => live.names.size + polled.names.size > 0 || Math.max(live.last, polled.last) > -Infinity,
  }
}
