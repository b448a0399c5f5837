'use client'
/** What is seen of the log, and what can be done with it. */
import { Copy, Download, Pause, Play, Search, Trash2 } from 'lucide-react'
import type { KeyboardEvent, ReactNode } from 'react'
import type { Filter } from '../model/filter.ts'
import { useRecording } from './context.ts'

/** Props of {@link MessageToolbar}. */
export interface MessageToolbarProps {
  readonly filter: Filter
  readonly onFilter: (filter: Filter) => void
  readonly isHeld: boolean
  readonly onHold: () => void
  readonly onFollow: () => void
  readonly onCopy: () => void
  readonly onExport: () => void
  readonly onClear: () => void
}

const DIRECTIONS: ReadonlyArray<readonly [value: Filter['direction'], label: string]> = [['', 'All'], ['in', 'In'], ['out', 'Out']]

function Choice({ label, all, value, options, onChange }: {
  readonly label: string
  readonly all: string
  readonly value: string
  readonly options: readonly string[]
  readonly onChange: (value: string) => void
}): ReactNode {
  return (
    <select aria-label={label} value={value} data-set={value !== ''} onChange={(event) => onChange(event.target.value)}>
      <option value="">{all}</option>
      {options.map((option) => <option key={option} value={option}>{option}</option>)}
    </select>
  )
}

/** The toolbar of the message log. */
export function MessageToolbar({ filter, onFilter, isHeld, onHold, onFollow, onCopy, onExport, onClear }: MessageToolbarProps): ReactNode {
  const { types, meters } = useRecording()
  /** The first Escape empties the search; only the next one closes the monitor. */
  function clear(event: KeyboardEvent): void {
    event.preventDefault()
    onFilter({ ...filter, query: '' })
  }
  return (
    <div className="toolbar" role="toolbar" aria-label="Message log">
      <label className="search">
        <Search aria-hidden="true" size={13} />
        <input
          type="search" placeholder="Search" aria-label="Search messages" value={filter.query}
          onChange={(event) => onFilter({ ...filter, query: event.target.value })} onKeyDown={(event) => { if (filter.query !== '' && event.key === 'Escape') clear(event) }}
        />
      </label>
      <div className="segments" role="group" aria-label="Direction">
        {DIRECTIONS.map(([value, label]) => (
          <button key={label} type="button" aria-pressed={filter.direction === value} onClick={() => onFilter({ ...filter, direction: value })}>{label}</button>
        ))}
      </div>
      <Choice label="Type" all="All types" value={filter.type} options={[...types].sort()} onChange={(type) => onFilter({ ...filter, type })} />
      <Choice label="Channel" all="All channels" value={filter.channel} options={[...meters.byName.keys()].sort()} onChange={(channel) => onFilter({ ...filter, channel })} />
      <label className="check" title="Heartbeats, subscriptions, acknowledgements"><input type="checkbox" checked={filter.control} onChange={(event) => onFilter({ ...filter, control: event.target.checked })} /> Protocol</label>
      <span className="spacer" />
      <div className="buttons">
        <button type="button" className="icon" aria-label={isHeld ? 'Follow' : 'Pause'} title={isHeld ? 'Follow' : 'Pause'} aria-pressed={isHeld} onClick={isHeld ? onFollow : onHold}>
          {isHeld ? <Play aria-hidden="true" size={14} /> : <Pause aria-hidden="true" size={14} />}
        </button>
        <button type="button" className="icon" aria-label="Copy shown messages" title="Copy as JSON lines" onClick={onCopy}><Copy aria-hidden="true" size={14} /></button>
        <button type="button" className="icon" aria-label="Export shown messages" title="Export as JSON lines" onClick={onExport}><Download aria-hidden="true" size={14} /></button>
        <button type="button" className="icon" aria-label="Clear log" title="Clear" onClick={onClear}><Trash2 aria-hidden="true" size={14} /></button>
      </div>
    </div>
  )
}
