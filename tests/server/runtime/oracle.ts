/** What every subscriber must have heard: everything in order, or a word where something is missing. */
import type { Connection } from '../../../src/engine/connection-interface.ts'

/** A subscriber that is watched. */
export interface Watched {
  readonly connection: Connection
  /** Messages in the order they came: the epoch they were published under, their offset, and what they hold. */
  readonly heard: Array<{ readonly epoch: string; readonly number: number }>
  /** What was said to be missing, and how many messages had been heard by then. */
  readonly gaps: Array<{ readonly reason: string; readonly after: number }>
  /** Breaks of the promise. */
  problems(published: ReadonlyMap<string, readonly number[]>): string[]
  /** Whether it holds the newest message. */
  isCurrent(published: ReadonlyMap<string, readonly number[]>): boolean
}

/** Watches a channel of a connection. Messages hold what they are, so that nothing of the client's own book-keeping is believed. */
export function watch(connection: Connection, channel: string): Watched {
  const heard: Watched['heard'] = []
  const gaps: Watched['gaps'] = []
  const lease = connection.channel(channel)
  lease.onMessage((data) => void heard.push({ epoch: '', number: (data as { number: number }).number }))
  lease.onGap(({ reason }) => void gaps.push({ reason, after: heard.length }))
  return {
    connection, heard, gaps,
    problems(published) {
      const problems: string[] = []
      heard.forEach(({ epoch, number }, index) => {
        const before = heard[index - 1]
        const list = published.get(epoch) ?? []
        if (!list.includes(number)) problems.push(`message ${epoch}/${number} was never published`)
        if (before === undefined) return
        const isNext = before.epoch === epoch && list.indexOf(number) === list.indexOf(before.number) + 1
        if (before.epoch === epoch && list.indexOf(number) <= list.indexOf(before.number)) problems.push(`message ${epoch}/${number} came after ${before.number}`)
        else if (!isNext && !gaps.some(({ after }) => after === index)) problems.push(`nothing was said between ${before.epoch}/${before.number} and ${epoch}/${number}`)
      })
      return problems
    },
    isCurrent(published) {
      const [epoch, list] = [...published].findLast(([, numbers]) => numbers.length > 0) ?? []
      const last = heard.at(-1)
      return epoch === undefined || (last?.epoch === epoch && last.number === list?.at(-1))
    },
  }
}
