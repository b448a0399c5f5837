/** Decimals as venues write them. They stay text; here they are only checked, ordered, and found to be zero. */

/** A double holds every decimal of so many significant digits apart from every other, so that sorting by it is exact. */
const EXACT_DIGITS = 15

const ZERO = 48
const NINE = 57
const DOT = 46

/**
 * The value of a decimal such as `0.35210000`, for ordering: exact up to `digitsMost` significant digits. NaN for
 * everything else: signs, exponents, blanks, a missing digit before or after the point, more digits, no string.
 *
 * @example
 * readDecimal('0.35210000') === readDecimal('0.3521') // true
 * readDecimal('1e3') // NaN
 */
export function readDecimal(text: unknown, digitsMost: number = EXACT_DIGITS): number {
  if (typeof text !== 'string') return Number.NaN
  const { length } = text
  let significant = 0
  let zeros = 0
  let dot = -1
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code === DOT && dot < 0) dot = index
    else if (code < ZERO || code > NINE) return Number.NaN
    else if (code === ZERO) zeros += significant > 0 ? 1 : 0
    else {
      significant += zeros + 1
      zeros = 0
    }
  }
  if (length === 0 || dot === 0 || dot === length - 1 || significant > digitsMost) return Number.NaN
  return Number(text)
}

/** A decimal of any length, where order does not hang on it: quantities, volumes. */
export function readQuantity(text: unknown): number {
  return readDecimal(text, Infinity)
}

/**
 * The number that a decimal text stands for, where a number is wanted: for drawing and sums, not for orders.
 *
 * @throws RangeError for what is no decimal, so that a wrong text never becomes a wrong number.
 * @example
 * toNumber('61234.50') // 61234.5
 */
export function toNumber(decimal: string): number {
  const value = readQuantity(decimal.startsWith('-') ? decimal.slice(1) : decimal)
  if (Number.isNaN(value)) throw new RangeError(`"${decimal}" is no decimal`)
  return decimal.startsWith('-') ? -value : value
}
