/** Two switches that break the two ways by which data comes. */
import type { ReactNode } from 'react'
import type { Switches } from '../shared.ts'

/** Props of {@link Switchboard}. */
export interface SwitchboardProps {
  readonly blocked: Switches | undefined
  readonly onBlock: (switches: Switches) => void
}

const NAMES = [['socket', 'Block socket'], ['rest', 'Block REST']] as const

export function Switchboard({ blocked, onBlock }: SwitchboardProps): ReactNode {
  return (
    <div className="switches" role="group" aria-label="Break it">
      {NAMES.map(([name, label]) => (
        <button
          key={name}
          type="button"
          role="switch"
          aria-checked={blocked?.[name] ?? false}
          disabled={blocked === undefined}
          onClick={() => blocked !== undefined && onBlock({ ...blocked, [name]: !blocked[name] })}
        >
          <span aria-hidden="true" className="knob" />
          {label}
        </button>
      ))}
    </div>
  )
}
