/** What became of each message that was sent, as far as it has an id. Pure. */

/** Where a message is, or how it ended. */
export type Fate = 'queued' | 'sent' | 'delivered' | 'rejected' | 'dropped' | 'unknown' | 'kept'

/** One message on its way out. Times are epoch ms. */
export interface Send {
  readonly id: string
  readonly type: string | null
  readonly channel: string | null
  readonly fate: Fate
  readonly at: number
  /** How often it was put on a socket. */
  readonly tries: number
  /** From `send` to the server's answer, in ms. */
  readonly latencyMs: number | null
  /** Why, where it failed. */
  readonly why: string | null
}

/** How many are remembered. */
export const SENDS_MOST = 200

/** Sends by id, oldest first; changed in place. */
export type Sends = Map<string, Send>

/** Takes in what has become of a message at `at`. */
export function noteSend(sends: Sends, id: string, at: number, change: Partial<Omit<Send, 'id' | 'at'>>): void {
  const before = sends.get(id) ?? { id, type: null, channel: null, fate: 'sent', at, tries: 0, latencyMs: null, why: null }
  sends.set(id, { ...before, ...change })
  if (sends.size <= SENDS_MOST) return
  const [oldest] = sends.keys()
  if (oldest !== undefined) sends.delete(oldest)
}
