/** What must hold in every world, checked as things happen. A broken rule ends the world with its name. */

/** A message a page sent, and everything that became of it. */
export interface Sent {
  readonly id: string
  readonly page: string
  readonly priority: string
  readonly serial: number
  readonly idempotent: boolean
  /** The last outcome that was told, and by whom: who dies before its storage knows leaves the message to another page, which tells its own. */
  outcome: string | null
  toldBy: string | null
  persisted: boolean
  /** It was put on a socket at least once, by whichever page. */
  reached: boolean
  /** A page that may have marked it for a socket went away before it could write down that it was not sent. */
  spared: boolean
  /** It was told "later", or handed to another page, so those behind it may have overtaken it. */
  delayed: boolean
}

/** Ends the world unless `holds`. */
export function insist(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(rule)
}

/** The book that is kept of a world. */
export interface Rules {
  /** The first rule that was broken. It is kept, because a listener that throws is the engine's to survive. */
  broken: string | null
  /** The disk refused to write: what a page that died has sent may then look unsent to the next. */
  diskFailed: boolean
  /** A message of a channel was lost on its way to everybody. */
  messageLost: boolean
  /** The page had no answer for so long that it asks again. */
  tiredOfWaiting(page: string): void
  /** A page asks for what follows its place in a channel that it is following already. */
  asksAgain(page: string): void
  readonly sent: Map<string, Sent>
  /** The server begins to handle a message. */
  begun(sender: string, id: string, resultsEpoch: string): void
  outcome(teller: string, id: string, outcome: string): void
  /** A page that was connected a moment ago goes, and cannot write any more. */
  goesInHaste(): void
  /** A page hears a message of a channel, or of a gap in it. */
  heard(page: string, channel: string, epoch: string, offset: number): void
  gap(page: string, channel: string, reason: string): void
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
  const tired = new Set<string>()
  const places = new Map<string, { epoch: string; offset: number } | null>()

  /** Remembers the first rule that is broken while something runs. */
  function watching<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      try {
        run(...args)
      } catch (error) {
        rules.broken ??= (error as Error).message
        throw error
      }
    }
  }

  const rules: Rules = {
    broken: null,
    diskFailed: false,
    messageLost: false,
    tiredOfWaiting: (page) => void tired.add(page),
    asksAgain: watching((page: string) => insist(rules.messageLost || tired.has(page), 'no page sees a hole where nothing was lost')),
    sent,
    begun: watching((sender: string, id: string, resultsEpoch: string) => {
      const epochs = begun.get(id) ?? []
      insist(!epochs.includes(resultsEpoch), 'no message is handled twice within one resultsEpoch')
      const message = sent.get(id)
      insist(message !== undefined, 'only messages that were sent are handled')
      insist(epochs.length === 0 || message.idempotent || rules.diskFailed, 'no message that is not idempotent is handled twice at all')
      begun.set(id, [...epochs, resultsEpoch])
      // What a page dropped while it died may lie on the disk still, and be sent by the next.
      if (epochs.length > 0 || message.delayed || message.outcome !== null) return
      const lane = `${sender}<${message.page}:${message.priority}`
      insist(message.serial > (lastBegun.get(lane) ?? -1), 'messages of one priority are handled in the order they were sent')
      lastBegun.set(lane, message.serial)
    }),
    outcome: watching((teller: string, id: string, outcome: string) => {
      const message = sent.get(id)
      insist(message !== undefined, 'only messages that were sent have outcomes')
      // Who lets go of a message says so; who takes it over says what became of it.
      const isFinal = message.outcome !== null && !message.outcome.startsWith('handed over')
      insist(!isFinal || message.toldBy !== teller, `every message has one outcome (${message.outcome}, then ${outcome})`)
      // A page that learns late that it has let go of a message says nothing new.
      if (isFinal && outcome.startsWith('handed over')) return
      message.outcome = outcome
      message.toldBy = teller
      // Handed from page to page it may come by itself, after those that were handed over before it.
      if (outcome.startsWith('handed over')) message.delayed = true
      const times = begun.get(id)?.length ?? 0
      insist(outcome !== 'unknown' || message.reached || message.spared || rules.diskFailed, 'nothing is called unknown that never reached a socket')
      if (outcome === 'delivered') insist(times > 0, 'nothing is called delivered that was not handled')
      if (isFinal) return
      if (outcome === 'rejected' && !message.idempotent) insist(times === 0, 'nothing is called rejected that was handled')
      if (outcome === 'dropped' || outcome === 'expired') insist(times === 0, `nothing is called ${outcome} that was handled`)
    }),
    goesInHaste() {
      for (const message of sent.values()) message.spared ||= message.outcome === null || message.outcome.startsWith('handed over')
    },
    follows: (page, channel) => void places.set(`${page}/${channel}`, null),
    gap: watching((page: string, channel: string, reason: string) => {
      insist(reason !== 'hole', 'a hole that the server can fill is filled, and one that it cannot has its reason')
      places.set(`${page}/${channel}`, null)
    }),
    heard: watching((page: string, channel: string, epoch: string, offset: number) => {
      const key = `${page}/${channel}`
      const place = places.get(key) ?? null
      if (place !== null) {
        insist(place.epoch === epoch, 'a stream that began anew is announced as a gap')
        insist(offset > place.offset, 'no message of a channel comes twice, or out of order')
        insist(offset === place.offset + 1, 'no message of a channel is missing without a gap being announced')
      }
      places.set(key, { epoch, offset })
    }),
    last: (page, channel) => places.get(`${page}/${channel}`) ?? null,
    handled: (id) => begun.get(id)?.length ?? 0,
  }
  return rules
}
