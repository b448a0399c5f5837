/** Which ping a pong answers: in order, as far as that can be known. */

/** Pings that have no answer yet. */
export interface Pings {
  /** One went out. Times are monotonic ms. */
  sent(now: number): void
  /** One was answered. Returns when it went out; `undefined` where none is known. */
  answered(): number | undefined
  /** The socket is gone. */
  clear(): void
}

/** More than so many without an answer, and the server does not answer each of them. */
const MOST = 3

/** Keeps the pings of one connection. */
export function createPings(): Pings {
  let times: number[] = []
  let skipped = false

  return {
    sent(now) {
      times.push(now)
      if (times.length <= MOST) return
      times.shift()
      skipped = true
    },
    answered() {
      if (!skipped) return times.shift()
      // A server that left some out now answers the newest: what went before would look like a latency of minutes.
      const newest = times.at(-1)
      times = []
      skipped = false
      return newest
    },
    clear() {
      times = []
      skipped = false
    },
  }
}
