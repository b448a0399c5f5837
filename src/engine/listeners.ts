/**
 * Lists of callbacks. Changing a list never disturbs a delivery that is going on; a callback that was
 * removed is not called any more; one that throws is reported, and stops nothing.
 */

/** A callback in a list. */
export interface Entry<Value, Extra> {
  readonly call: (value: Value, extra: Extra) => void
  live: boolean
  failed: boolean
}

/** Called with what a callback threw. */
export type ReportThrow = (thrown: unknown) => void

/** A list; replaced, not changed, so that a loop over it is safe. */
export interface Listeners<Value, Extra> {
  entries: ReadonlyArray<Entry<Value, Extra>>
}

/** An empty list. */
export function createListeners<Value, Extra>(): Listeners<Value, Extra> {
  return { entries: [] }
}

/** Adds a callback; the returned function removes it, once or often. */
export function listenTo<Value, Extra>(
  list: Listeners<Value, Extra>, call: (value: Value, extra: Extra) => void, removed?: () => void,
): () => void {
  const entry: Entry<Value, Extra> = { call, live: true, failed: false }
  list.entries = [...list.entries, entry]
  return () => {
    if (!entry.live) return
    entry.live = false
    list.entries = list.entries.filter((other) => other !== entry)
    removed?.()
  }
}

/**
 * Calls everyone who listened when it began. A callback's first throw is reported, later ones only
 * after it has worked again: a broken listener at 20,000 messages a second would drown its own report.
 */
export function deliver<Value, Extra>(
  list: Listeners<Value, Extra>, value: Value, extra: Extra, report: ReportThrow, isOver?: () => boolean,
): void {
  const { entries } = list
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]
    if (entry === undefined || !entry.live) continue
    if (isOver !== undefined && isOver()) return
    try {
      entry.call(value, extra)
      entry.failed = false
    } catch (thrown) {
      if (!entry.failed) {
        entry.failed = true
        report(thrown)
      }
    }
  }
}
