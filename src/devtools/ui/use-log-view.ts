'use client'
/** The rows that fit the filter, and whether they follow what comes or stand still for a reader. */
import { useState } from 'react'
import type { Entry } from '../model/entry.ts'
import type { Ring } from '../model/ring.ts'
import { type Filter, NO_VIEW, type View, lookAgain } from '../model/filter.ts'
import { safeText } from '../model/redaction.ts'
import { useMonitored, useRecording } from './context.ts'

/** What the list shows. */
export interface LogView {
  readonly rows: readonly Entry[]
  readonly isHeld: boolean
  /** How many rows have come since it stands still. */
  readonly waiting: number
  /** Stands still: what is shown stays, whatever comes or goes. */
  readonly hold: () => void
  /** Follows again. */
  readonly follow: () => void
}

/** Rows with a greater serial. */
function countAfter(rows: readonly Entry[], serial: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle] as Entry).serial <= serial) low = middle + 1
    else high = middle
  }
  return rows.length - low
}

/** Remembers its last look, so that the next need not look at everything anew; any other would find the same. */
function createLooker(): (log: Ring<Entry>, filter: Filter, textOf: (entry: Entry) => string) => View {
  let last = NO_VIEW
  return (log, filter, textOf) => (last = lookAgain(last, log, filter, textOf))
}

/** Looks at the log through a filter. */
export function useLogView(filter: Filter): LogView {
  const { isSecret } = useMonitored()
  const { log } = useRecording()
  const [look] = useState(createLooker)
  const [held, setHeld] = useState<View | null>(null)
  const view = look(log, filter, (entry) => safeText(entry, isSecret))
  const isHeld = held !== null && held.filter === filter
  const shown = isHeld ? held : view
  return {
    rows: shown.rows,
    isHeld,
    waiting: isHeld ? countAfter(view.rows, held.seen) : 0,
    hold: () => { if (!isHeld) setHeld(view) },
    follow: () => setHeld(null),
  }
}
