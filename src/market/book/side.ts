/**
 * One side of a book: levels in order, the best last, so that the busiest end is the cheapest to change. Levels are
 * found by a key that grows towards the best: the price of a bid, the price of an ask with its sign turned.
 */

/** A price and the quantity offered at it, both as the venue wrote them. */
export type Level = readonly [price: string, quantity: string]

/** Levels in order; `keys[i]` belongs to `levels[i]`. */
export interface Side {
  keys: number[]
  levels: Level[]
}

/** A side without levels. */
export function createSide(): Side {
  return { keys: [], levels: [] }
}

/** The first place whose key is not below `key`. */
function placeOf(keys: readonly number[], key: number): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as number) < key) low = middle + 1
    else high = middle
  }
  return low
}

/** Sets a level, in the place of one with the same price. */
export function setLevel(side: Side, key: number, level: Level): void {
  const { keys, levels } = side
  const place = placeOf(keys, key)
  if (keys[place] === key) levels[place] = level
  else if (place === keys.length) {
    keys.push(key)
    levels.push(level)
  } else {
    keys.splice(place, 0, key)
    levels.splice(place, 0, level)
  }
}

/** Removes the level of a price, where there is one. */
export function removeLevel(side: Side, key: number): void {
  const { keys, levels } = side
  const place = placeOf(keys, key)
  if (keys[place] !== key) return
  keys.splice(place, 1)
  levels.splice(place, 1)
}

/** How many levels have a key of at least `floor`. */
export function countFrom(side: Side, floor: number): number {
  return floor === -Infinity ? side.keys.length : side.keys.length - placeOf(side.keys, floor)
}

/** Up to `count` levels, best first, none with a key below `floor`. */
export function topOf(side: Side, count: number, floor: number = -Infinity): Level[] {
  const { levels } = side
  const end = levels.length
  const size = Math.min(count, countFrom(side, floor))
  const top: Level[] = []
  for (let index = 1; index <= size; index++) top.push(levels[end - index] as Level)
  return top
}
