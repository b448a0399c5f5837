/** Which tokens were used, where each may be used once. */
import { UplinkError } from '../../core/errors.ts'

/** Remembers tokens. Several servers need one in common, such as Redis with `SET id 1 NX PX forMs`. */
export interface UsedTokens {
  /** Marks a token as used for so many ms; false where it already was. Must be one atomic step. */
  use(id: string, forMs: number): boolean | Promise<boolean>
}

/** Options of {@link memoryUsedTokens}. */
export interface MemoryUsedTokensOptions {
  /** Tokens remembered at once, 1 to 10,000,000. @default 100_000 */
  readonly count?: number
  /** Epoch ms. @default Date.now */
  readonly now?: () => number
}

/**
 * Remembers tokens in the memory of one server. When it is full of tokens that have not expired, new ones are
 * refused: forgetting one would let it be used again.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` where `count` is out of range.
 * @example
 * jwt({ secret, issuer, audience, once: true, usedTokens: memoryUsedTokens({ count: 10_000 }) })
 */
export function memoryUsedTokens(options: MemoryUsedTokensOptions = {}): UsedTokens {
  const { count = 100_000, now = Date.now } = options
  if (!Number.isInteger(count) || count < 1 || count > 10_000_000) {
    throw new UplinkError('UPLINK_OPTION_INVALID', 'memoryUsedTokens: count must be a whole number from 1 to 10000000')
  }
  const endOf = new Map<string, number>()
  /** Nothing expires before; looking earlier would cost a pass over everything for nothing. */
  let sweepAt = 0

  function sweep(time: number): void {
    if (endOf.size < count || time < sweepAt) return
    sweepAt = Infinity
    for (const [id, end] of endOf) {
      if (end <= time) endOf.delete(id)
      else sweepAt = Math.min(sweepAt, end)
    }
  }

  return {
    use(id, forMs) {
      const time = now()
      if ((endOf.get(id) ?? -Infinity) > time) return false
      sweep(time)
      if (endOf.size >= count && !endOf.has(id)) return false
      endOf.set(id, time + forMs)
      sweepAt = Math.min(sweepAt, time + forMs)
      return true
    },
  }
}
