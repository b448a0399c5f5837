/** Levels from outside: read completely before any of them changes a book, because half an update is a wrong number. */
import { readDecimal, readQuantity } from './decimal.ts'
import { type Level, type Side, removeLevel, setLevel } from './side.ts'

/** Which way prices of a side get better. */
export type Direction = 'bids' | 'asks'

/** Levels that were checked, with their keys; one is used again and again, so that updates allocate nothing. */
export interface ReadLevels {
  keys: number[]
  levels: readonly Level[]
  /** Whether the quantity of a level is zero, which removes it. */
  gone: boolean[]
}

/** Room for levels. */
export function createReadLevels(): ReadLevels {
  return { keys: [], levels: [], gone: [] }
}

/** Reads levels into `into`; says what is wrong with them, null for nothing. */
export function readLevels(levels: unknown, direction: Direction, into: ReadLevels): string | null {
  if (!Array.isArray(levels)) return `${direction} are no list`
  const count = levels.length
  into.keys.length = count
  into.gone.length = count
  for (let index = 0; index < count; index++) {
    const level: unknown = levels[index]
    if (!Array.isArray(level)) return `${direction}[${index}] is no pair`
    const price = readDecimal(level[0])
    const quantity = readQuantity(level[1])
    if (!(price > 0)) return `${direction}[${index}] has no price of 1 to 15 digits`
    if (Number.isNaN(quantity)) return `${direction}[${index}] has no quantity`
    into.keys[index] = direction === 'bids' ? price : -price
    into.gone[index] = quantity === 0
  }
  into.levels = levels as Level[]
  return null
}

/** Applies levels that were read. */
export function applyLevels(side: Side, { keys, levels, gone }: ReadLevels): void {
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as number
    if (gone[index] === true) removeLevel(side, key)
    else setLevel(side, key, levels[index] as Level)
  }
}
