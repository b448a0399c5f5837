/** How often something may happen: a bucket that fills at a steady rate and holds one window's worth. */

/** At most `max` per `windowMs`, in bursts of up to `max`. */
export interface RateLimit {
  readonly max: number
  readonly windowMs: number
}

/** The bucket; changed in place. Times are monotonic ms. */
export interface TokenBucket {
  readonly limit: RateLimit
  tokens: number
  at: number
}

/** A full bucket. */
export function createTokenBucket(limit: RateLimit, now: number): TokenBucket {
  return { limit, tokens: limit.max, at: now }
}

/** Whole messages that may go now, without taking their tokens. */
export function tokensIn(bucket: TokenBucket, now: number): number {
  const { max, windowMs } = bucket.limit
  bucket.tokens = Math.min(max, bucket.tokens + (Math.max(0, now - bucket.at) * max) / windowMs)
  bucket.at = now
  return Math.floor(bucket.tokens)
}

/** Takes a token; false when there is none, and then `readyAt` says when there will be. */
export function takeToken(bucket: TokenBucket, now: number): boolean {
  if (tokensIn(bucket, now) < 1) return false
  bucket.tokens--
  return true
}

/** When the next token is there; a hair later, so that rounding does not make it a hair too early. */
export function readyAt(bucket: TokenBucket): number {
  const { max, windowMs } = bucket.limit
  return bucket.tokens >= 1 ? bucket.at : bucket.at + Math.ceil(((1 - bucket.tokens) * windowMs) / max)
}
