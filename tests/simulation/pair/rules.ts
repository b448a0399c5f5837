/** What must hold in every world, checked as things happen. A broken rule ends the world with its name. */

/** A message a page sent, and everything that became of it. */
export interface Sent {
  readonly id: string
  readonly page: string
  readonly priority: string
  readonly serial: number
  readonly idempotent: boolean
  outcome: string | null
  persisted: boolean
  /** It was told "later" at least once, so those behind it may have overtaken it. */
  delayed: boolean
}

/** Thrown when a rule is broken. */
export class Broken extends Error {}

/** Ends the world unless `holds`. */
export function insist(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Broken(rule)
}

/** The book that is kept of a world. */
export interface Rules {
  readonly sent: Map<string, Sent>
  /** The server begins to handle a message. */
  begun(sender: string, id: string, resultsEpoch: string): void
  outcome(id: string, outcome: string): void
  /** A page hears a message of a channel, or of a gap in it. */
  heard(page: string, channel: string, epoch: string, offset: number): void
  gap(page: string, channel: string): void
  /** A page follows a channel from now on. */
  follows(page: string, channel: string): void
  /** The last message a page heard of a channel. */
  last(page: string, channel: string): { readonly epoch: string; readonly offset: number } | null
  handled(id: string): number
}

/** Opens a new book. */
export function createRules(): Rules {
  const sent = new Map<string, Sent>()
  const begun = new Map<string, string[]>()
  const lastBegun = new Map<string, number>()
  const places = new Map<string, { epoch: string; offset: number } | null>()

  return {
    sent,
    begun(sender, id, resultsEpoch) {
      const epochs = begun.get(id) ?? []
      insist(!epochs.includes(resultsEpoch), 'no message is handled twice within one resultsEpoch')
      const message = sent.get(id)
      insist(message !== undefined, 'only messages that were sent are handled')
      insist(epochs.length === 0 || message.idempotent, 'no message that is not idempotent is handled twice at all')
      begun.set(id, [...epochs, resultsEpoch])
      if (epochs.length > 0 || message.delayed) return
      const lane = `${sender}<${message.page}:${message.priority}`
      insist(message.serial > (lastBegun.get(lane) ?? -1), 'messages of one priority are handled in the order they were sent')
      lastBegun.set(lane, message.serial)
    },
    outcome(id, outcome) {
      const message = sent.get(id)
      insist(message !== undefined, 'only messages that were sent have outcomes')
      // Who lets go of a message says so; who takes it over says what became of it.
      const isFinal = message.outcome !== null && !message.outcome.startsWith('handed over')
      insist(!isFinal, `every message has one outcome (${message.outcome}, then ${outcome})`)
      message.outcome = outcome
      const times = begun.get(id)?.length ?? 0
      if (outcome === 'delivered') insist(times > 0, 'nothing is called delivered that was not handled')
      if (outcome === 'rejected' && !message.idempotent) insist(times === 0, 'nothing is called rejected that was handled')
      if (outcome === 'dropped' || outcome === 'expired') insist(times === 0, `nothing is called ${outcome} that was handled`)
    },
    follows: (page, channel) => void places.set(`${page}/${channel}`, null),
    gap: (page, channel) => void places.set(`${page}/${channel}`, null),
    heard(page, channel, epoch, offset) {
      const key = `${page}/${channel}`
      const place = places.get(key) ?? null
      if (place !== null) {
        insist(place.epoch === epoch, 'a stream that began anew is announced as a gap')
        insist(offset > place.offset, 'no message of a channel comes twice, or out of order')
        insist(offset === place.offset + 1, 'no message of a channel is missing without a gap being announced')
      }
      places.set(key, { epoch, offset })
    },
    last: (page, channel) => places.get(`${page}/${channel}`) ?? null,
    handled: (id) => begun.get(id)?.length ?? 0,
  }
}
