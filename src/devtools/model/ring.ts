/** The newest entries, bounded by count and by weight: the oldest make room. Pure. */

/** What a ring holds: numbered upwards, and weighed. */
export interface Weighed {
  readonly serial: number
  readonly size: number
}

/** A bounded list of the newest entries. */
export interface Ring<Item extends Weighed> {
  push(item: Item): void
  /** Entries whose serial is greater, oldest first. */
  after(serial: number): Item[]
  /** Serial of the oldest entry; Infinity when there is none. */
  readonly oldest: number
  readonly length: number
  /** What all entries weigh, in characters or bytes. */
  readonly size: number
  clear(): void
}

/** Cut off once so many have left, not one by one. */
const CUT_AFTER = 1_024

/**
 * Makes a ring. The newest entry stays even where it alone is too heavy.
 *
 * @param mostItems - how many entries it holds, 1 or more
 * @param mostSize - what they may weigh, in characters or bytes
 */
export function createRing<Item extends Weighed>(mostItems: number, mostSize: number): Ring<Item> {
  let items: Item[] = []
  let head = 0
  let size = 0

  function dropOldest(): void {
    size -= (items[head] as Item).size
    head++
    if (head < CUT_AFTER) return
    items = items.slice(head)
    head = 0
  }

  /** Index of the first entry with a greater serial. */
  function indexAfter(serial: number): number {
    let low = head
    let high = items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((items[middle] as Item).serial <= serial) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    push(item) {
      items.push(item)
      size += item.size
      while (items.length - head > mostItems || (size > mostSize && items.length - head > 1)) dropOldest()
    },
    after: (serial) => items.slice(indexAfter(serial)),
    get oldest() {
      return items[head]?.serial ?? Infinity
    },
    get length() {
      return items.length - head
    },
    get size() {
      return size
    },
    clear() {
      items = []
      head = 0
      size = 0
    },
  }
}
