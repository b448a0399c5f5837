/** Which rows of the log are shown, found step by step: what was looked at once is not looked at again. Pure. */
import type { Direction, Entry } from './entry.ts'
import type { Ring } from './ring.ts'

/** What is to be seen; an empty text is everything. */
export interface Filter {
  readonly direction: Direction | ''
  readonly type: string
  readonly channel: string
  /** Found in what a message says, whatever the case; secrets are not searched. */
  readonly query: string
  /** Whether what belongs to the protocol itself is shown. */
  readonly control: boolean
}

/** Shows all. */
export const EVERYTHING: Filter = Object.freeze({ direction: '', type: '', channel: '', query: '', control: true })

/** Whether an entry is shown. `textOf` gives what it says. */
export function fits(entry: Entry, filter: Filter, textOf: (entry: Entry) => string): boolean {
  if (filter.direction !== '' && entry.direction !== filter.direction) return false
  if (!filter.control && entry.isControl) return false
  if (filter.type !== '' && entry.type !== filter.type) return false
  if (filter.channel !== '' && entry.channel !== filter.channel) return false
  return filter.query === '' || textOf(entry).toLowerCase().includes(filter.query.toLowerCase())
}

/** The rows that fit a filter. */
export interface View {
  readonly filter: Filter
  readonly rows: readonly Entry[]
  /** Everything up to here was looked at. */
  readonly seen: number
}

/** A view that has looked at nothing. */
export const NO_VIEW: View = Object.freeze({ filter: EVERYTHING, rows: [], seen: -1 })

/** The view after the log has gone on, or the filter has changed; the same object where nothing changed. */
export function lookAgain(view: View, ring: Ring<Entry>, filter: Filter, textOf: (entry: Entry) => string): View {
  const from = view.filter === filter ? view : { ...NO_VIEW, filter }
  const fresh = ring.after(from.seen)
  const { oldest } = ring
  const gone = from.rows.findIndex(({ serial }) => serial >= oldest)
  const kept = gone < 0 ? [] : gone === 0 ? from.rows : from.rows.slice(gone)
  const found = fresh.filter((entry) => fits(entry, filter, textOf))
  const seen = fresh.at(-1)?.serial ?? from.seen
  if (found.length === 0 && kept.length === from.rows.length) return from.seen === seen && from === view ? view : { ...from, seen }
  return { filter, rows: [...kept, ...found], seen }
}
