'use client'
/** The message log: everything that passed, newest at the bottom. */
import { ArrowDown } from 'lucide-react'
import { type ReactNode, useDeferredValue, useRef, useState } from 'react'
import type { Entry } from '../model/entry.ts'
import { EVERYTHING, type Filter } from '../model/filter.ts'
import { toJsonLines } from '../model/redaction.ts'
import { useMonitored, useRecording } from './context.ts'
import { copyText, saveText } from './copy.ts'
import { bytes, count, rate } from './format.ts'
import { MessageDetails } from './message-details.tsx'
import { MessageList } from './message-list.tsx'
import { MessageToolbar } from './message-toolbar.tsx'
import { useLogView } from './use-log-view.ts'

const isoTime = (at: number): string => new Date(at).toISOString()

function Footer({ shown, note }: { readonly shown: number; readonly note: string }): ReactNode {
  const { log, sampler, series } = useRecording()
  const received = series().at(-1)?.received ?? 0
  return (
    <footer className="status">
      <span>{shown === log.length ? count(shown) : `${count(shown)} of ${count(log.length)}`} messages · {bytes(log.size)}</span>
      {sampler.every > 1 && <span className="chip" data-tone="busy">showing 1 of {count(sampler.every)} ({rate(received)})</span>}
      <span role="status">{note}</span>
    </footer>
  )
}

/** The tab of messages. */
export function MessagesTab(): ReactNode {
  const { name, isSecret, recorder } = useMonitored()
  const [filter, setFilter] = useState<Filter>(EVERYTHING)
  // Typing stays quick while ten thousand messages are searched.
  const view = useLogView(useDeferredValue(filter))
  const [selected, setSelected] = useState<Entry | null>(null)
  const [note, setNote] = useState('')
  const list = useRef<HTMLDivElement>(null)

  const say = (what: string) => (worked: boolean): void => setNote(worked ? `Copied ${what}` : 'The browser did not let us copy')
  const lines = (): string => toJsonLines(view.rows, isSecret, isoTime)
  function select(entry: Entry): void {
    view.hold()
    setSelected(entry)
  }
  function close(): void {
    setSelected(null)
    // The button goes with the details; whoever pressed it by key is back where they came from.
    list.current?.querySelector<HTMLElement>('[role="listbox"]')?.focus()
  }
  function exportAll(): void {
    saveText(`${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-messages.jsonl`, lines(), 'application/jsonl')
    setNote(`Exported ${count(view.rows.length)} messages`)
  }
  return (
    <div className="messages">
      <MessageToolbar
        filter={filter} onFilter={setFilter} isHeld={view.isHeld} onHold={view.hold} onFollow={view.follow}
        onCopy={() => void copyText(lines()).then(say(`${count(view.rows.length)} messages`))} onExport={exportAll}
        onClear={() => { recorder.clear(); setSelected(null); view.follow() }}
      />
      <div className="split" data-details={selected !== null}>
        <div ref={list} className="list">
          <MessageList rows={view.rows} isFollowing={!view.isHeld} selected={selected} onSelect={select} onAway={(isAway) => { if (isAway) view.hold() }} />
          {view.rows.length === 0 && <p className="empty">{filter === EVERYTHING ? 'No message yet.' : 'No message fits the filter.'}</p>}
          {view.isHeld && <button type="button" className="newest" onClick={view.follow}><ArrowDown aria-hidden="true" size={13} /> {view.waiting > 0 ? `${count(view.waiting)} new` : 'Follow'}</button>}
        </div>
        {selected !== null && <MessageDetails entry={selected} onCopy={(text) => void copyText(text).then(say('the message'))} onClose={close} />}
      </div>
      <Footer shown={view.rows.length} note={note} />
    </div>
  )
}
