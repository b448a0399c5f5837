/**
 * Which updates follow which: the documented rules of Binance for a local book.
 *
 * - `spot`: an update covers the ids `U..u`. It follows when it begins no later than at the next id (`U <= last + 1`).
 *   Its quantities are absolute, so one that overlaps what is held still leads to the state at `u`.
 * - `futures`: ids have holes by design; an update names the one before it (`pu`). The first after a snapshot follows
 *   when the snapshot lies between both (`pu <= last <= u`), every later one when `pu` is exactly the last.
 */

/** Whose rules: those of spot venues (with Binance US), or those of futures. */
export type BookRules = 'spot' | 'futures'

/** The ids of an update. */
export interface UpdateIds {
  /** First id that it covers. */
  readonly U: number
  /** Last id that it covers. */
  readonly u: number
  /** Last id of the update before it, on futures. */
  readonly pu?: number
}

/** Where an update stands. */
export type Sequence = 'next' | 'seen' | 'gap'

/** Judges an update against the last id held. `isJoined` is false until the first update after a snapshot was applied. */
export function sequenceOf(rules: BookRules, last: number, isJoined: boolean, { U, u, pu = Number.NaN }: UpdateIds): Sequence {
  if (u <= last) return 'seen'
  if (rules === 'spot') return U <= last + 1 ? 'next' : 'gap'
  return (isJoined ? pu === last : pu <= last) ? 'next' : 'gap'
}

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Says what is wrong with the ids of an update; null for nothing. */
export function idFault(rules: BookRules, { U, u, pu }: Partial<Record<keyof UpdateIds, unknown>>): string | null {
  if (!isId(U) || !isId(u)) return 'U and u have to be whole numbers'
  if (U > u) return `U (${U}) is behind u (${u})`
  if (rules === 'futures' && !isId(pu)) return 'futures need pu, a whole number'
  if (rules === 'futures' && (pu as number) >= u) return `pu (${pu}) is not before u (${u})`
  return null
}
