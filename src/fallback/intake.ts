/** What an answer brings to a channel: which of its messages are new, and what it leaves out for good. */
import type { Gap } from '../core/position.ts'
import type { ChannelLease, TakenStanding } from '../engine/channel-lease.ts'
import type { Message } from '../protocol/message.ts'
import type { Answer, PolledMessage } from './answer.ts'
import { compared, standingsOf, unplaced, withoutPlace } from './place.ts'
import type { Sieve } from './sieve.ts'

/** What to hand on, after the gap where there is one. */
export interface Intake {
  readonly standings: readonly TakenStanding[]
  readonly gap: Gap | null
  readonly repeats: number
}

/** Makes a message of a polled one. */
export function messageFrom(polled: PolledMessage, channel: string, type: string): Message {
  const { data, timestamp, id, offset, from } = polled
  return {
    type: polled.type ?? type, channel, data, ...(timestamp === undefined ? {} : { timestamp }), ...(id === undefined ? {} : { id }),
    ...(offset === undefined ? {} : { offset }), ...(from === undefined ? {} : { from }),
  }
}

const countOf = (standings: readonly TakenStanding[]): number => standings.reduce((count, { messages }) => count + messages.length, 0)

/** What lies between the last that was heard and the first that was not, as far as anybody can say; `null` where nothing does. */
export function between(sieve: Sieve, first: Message | undefined, reason: string): Gap | null {
  const since = sieve.since()
  const number = first === undefined ? null : sieve.numberOf(first)
  const from = since === null ? 0 : since + 1
  const to = number === null ? null : number - 1
  return to !== null && to < from ? null : { reason, from, to }
}

/** By names and numbers of the user's: a list that does not reach back to what was heard leaves a hole. */
function sifted(lease: ChannelLease, answer: Answer, messages: readonly Message[], sieve: Sieve): Intake {
  const hadHeard = sieve.hasHeard()
  const gap = hadHeard && messages.length > 0 && !answer.isState && !answer.isComplete ? between(sieve, messages[0], 'hole') : null
  const fresh = messages.filter(sieve.isNewPolled)
  return {
    standings: compared(lease.position(), fresh), repeats: messages.length - fresh.length, gap: fresh.length === messages.length ? gap : null,
  }
}

/** Sorts out an answer. Without positions and without a sieve everything in it is new. */
export function intakeOf(lease: ChannelLease, answer: Answer, type: string, resumes: boolean, sieve: Sieve | undefined): Intake {
  const messages = answer.messages.map((polled) => messageFrom(polled, lease.name, type))
  if (resumes) {
    const standings = standingsOf(lease.position(), answer, messages)
    return { standings, gap: null, repeats: messages.length - countOf(standings) }
  }
  const plain = messages.map(withoutPlace)
  return sieve === undefined ? { standings: unplaced(lease.position(), plain), gap: null, repeats: 0 } : sifted(lease, answer, plain, sieve)
}
