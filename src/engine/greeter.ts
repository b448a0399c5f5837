/** What the server's greeting tells, and what follows from it for messages. */
import type { ResultsMemory } from '../core/delivery.ts'
import { UplinkError } from '../core/errors.ts'
import type { RateLimit } from '../core/token-bucket.ts'
import type { Greeting } from '../protocol/protocol.ts'

/** The share of the server's limit that is used. */
const MARGIN = 0.9

/** Remembers the last greeting. */
export interface Greeter {
  /** What the server remembers of messages; `undefined` where it does not say. */
  memory(): ResultsMemory | undefined
  /** Largest frame the server takes. */
  maxFrame(): number
  /** How many messages the server takes; `null` where it does not say. */
  messageRate(): RateLimit | null
  /** Takes a greeting. Returns why the connection cannot go on with it, if it cannot. */
  greet(greeting: Greeting): UplinkError | undefined
}

/** Makes a greeter. `identity` is whom the application takes the user for; `changed` is called when the server says it is another than last time. */
export function createGreeter(identity: string | undefined, changed: () => void): Greeter {
  let last: Greeting | undefined
  return {
    memory: () => (last === undefined ? undefined : { epoch: last.resultsEpoch, ttlMs: last.resultsTtlMs, maxFrame: last.maxFrame }),
    maxFrame: () => last?.maxFrame ?? Infinity,
    messageRate() {
      if (last === undefined || last.messageRate === null) return null
      const { max, windowMs } = last.messageRate
      // The network may bring together what was sent apart.
      return { max: Math.max(1, Math.floor(max * MARGIN)), windowMs }
    },
    greet(greeting) {
      if (greeting.identity !== null && identity !== undefined && greeting.identity !== identity) {
        const text = 'the server takes the user for somebody else than the option "identity" says'
        return new UplinkError('UPLINK_IDENTITY_MISMATCH', text, { severity: 'fatal' })
      }
      // What one user wrote is not sent under another's name.
      if (last !== undefined && last.identity !== greeting.identity) changed()
      last = greeting
      return undefined
    },
  }
}
