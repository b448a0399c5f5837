/** What is loaded on demand: it does not come while there is no network. */
import type { ReactNode } from 'react'

export function Report(): ReactNode {
  return <p>The report</p>
}
