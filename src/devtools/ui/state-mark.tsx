'use client'
/** The state as a shape: those who see no colour tell them apart as well. */
import type { ReactNode } from 'react'
import type { ConnectionState } from '../../core/machine.ts'

const SHAPES: Readonly<Record<ConnectionState, ReactNode>> = {
  connected: <circle cx="8" cy="8" r="6" className="solid" />,
  connecting: <><circle cx="8" cy="8" r="5.5" className="open" /><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" className="solid" /></>,
  reconnecting: <><circle cx="8" cy="8" r="5.5" className="open" strokeDasharray="4 2.9" /><circle cx="8" cy="8" r="2" className="solid" /></>,
  disconnecting: <><circle cx="8" cy="8" r="5.5" className="open" /><path d="M5 8h6" className="open" /></>,
  disconnected: <circle cx="8" cy="8" r="5.5" className="open" />,
  error: <path d="M8 1.5 14.5 13.5h-13z" className="solid" />,
}

/** The mark of a state. Its word stands beside it. */
export function StateMark({ state }: { readonly state: ConnectionState }): ReactNode {
  return <svg className="mark" data-state={state} viewBox="0 0 16 16" aria-hidden="true">{SHAPES[state]}</svg>
}
