/** Puts polled messages in their place: what is held is left out, and what a hole leaves out is told by the engine. Pure. */
import type { TakenStanding } from '../engine/channel-lease.ts'
import type { Message } from '../protocol/message.ts'
import type { Answer } from './answer.ts'

/** Where a stream is held. */
interface Held {
  readonly epoch: string | null
  readonly offset: number
}

/** The message without its place, where that means nothing. */
export function withoutPlace(message: Message): Message {
  const { type, channel, data, timestamp, id } = message
  return { type, data, ...(channel === undefined ? {} : { channel }), ...(timestamp === undefined ? {} : { timestamp }), ...(id === undefined ? {} : { id }) }
}

/** Messages that say nothing of their place are taken as they are, and leave it alone. */
export function unplaced(held: Held, messages: readonly Message[]): TakenStanding[] {
  const { epoch, offset } = held
  return messages.length === 0 ? [] : [{ epoch, offset, top: offset, recovered: true, reason: null, messages }]
}

/**
 * Messages that were compared by the user's functions. A connection that numbers messages, without positions, does not
 * know of what was polled: it begins to count anew with them, and holes are told by who compared.
 */
export function compared({ epoch, offset }: Held, messages: readonly Message[]): TakenStanding[] {
  return epoch === null ? unplaced({ epoch, offset: 0 }, messages).map((standing) => ({ ...standing, recovered: false })) : unplaced({ epoch, offset }, messages)
}

/** The state of a stream stands for all that came before it. */
function stateAt(held: Held, epoch: string, offset: number, message: Message): TakenStanding[] {
  const isSame = held.epoch === epoch
  if (isSame && offset <= held.offset) return []
  if (offset === 0) return [{ epoch, offset, top: offset, recovered: false, reason: null, messages: [message] }]
  const from = isSame ? held.offset + 1 : offset
  return [{ epoch, offset: from - 1, top: offset, recovered: isSame, reason: null, messages: [{ ...message, from, offset }] }]
}

/** Messages one by one, in runs without a hole: the engine tells of what lies between them. */
function runsFrom(held: Held, epoch: string, messages: readonly Message[]): TakenStanding[] {
  const runs: Array<{ from: number; messages: Message[] }> = []
  let next = held.epoch === epoch ? held.offset + 1 : 0
  for (const message of [...messages].sort((a, b) => (a.offset as number) - (b.offset as number))) {
    const offset = message.offset as number
    const { from = offset } = message
    if (offset < next) continue
    const run = runs.at(-1)
    if (run === undefined || from > next) runs.push({ from: Math.max(from, next), messages: [message] })
    else run.messages.push(message)
    next = offset + 1
  }
  return runs.map((run) => ({
    epoch, offset: run.from - 1, top: run.messages.at(-1)?.offset as number, recovered: true, reason: null, messages: run.messages,
  }))
}

/** What of an answer is new where the stream is held, in steps that the engine takes one after the other. */
export function standingsOf(held: Held, { position, isState }: Pick<Answer, 'position' | 'isState'>, messages: readonly Message[]): TakenStanding[] {
  const [first] = messages
  if (first === undefined) return []
  if (position === null) return unplaced(held, messages)
  if (isState) return stateAt(held, position.epoch, position.offset, first)
  if (messages.every(({ offset }) => offset !== undefined)) return runsFrom(held, position.epoch, messages)
  // Without offsets of their own they stand or fall together.
  const last = stateAt(held, position.epoch, position.offset, messages.at(-1) as Message)
  return last.map((standing) => ({ ...standing, messages: [...messages.slice(0, -1).map(withoutPlace), ...standing.messages] }))
}
