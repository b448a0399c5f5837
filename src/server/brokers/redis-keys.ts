/** The names that the Redis broker uses. All of a stream's keys have one hash tag, so that a script may touch them together in a cluster. */

/** Keys and channels of one stream. */
export interface StreamKeys {
  readonly meta: string
  readonly log: string
  /** Where its messages are published. */
  readonly channel: string
  /** Where an idempotency key is remembered. */
  once(key: string): string
}

/** Keys and channels under a prefix. */
export interface RedisKeys {
  stream(name: string): StreamKeys
  result(identity: string, id: string): string
  /** Tells that a node lives. */
  lease(owner: string): string
  readonly resultsEpoch: string
  readonly notices: string
}

/** Braces are the hash tag's: inside of names they would end it early, or make one. */
const tagless = (name: string): string => name.replace(/[%{}]/g, encodeURIComponent)

/** Names under a prefix. Throws a `RangeError` for a prefix that would be no prefix of its own. */
export function redisKeys(prefix: string): RedisKeys {
  if (!/^[^\s{}*?[\]\\]+$/.test(prefix)) throw new RangeError(`prefix ${JSON.stringify(prefix)}: give a text without spaces, braces and wildcards`)
  return {
    stream(name) {
      // An empty tag would be none.
      const channel = `${prefix}:{${tagless(name) || '%'}}`
      return { meta: `${channel}:meta`, log: `${channel}:log`, channel, once: (key) => `${channel}:once:${key}` }
    },
    result: (identity, id) => `${prefix}:result:${tagless(JSON.stringify([identity, id]))}`,
    lease: (owner) => `${prefix}:node:${tagless(owner)}`,
    resultsEpoch: `${prefix}:results:epoch`,
    notices: `${prefix}:notices`,
  }
}
