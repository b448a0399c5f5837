'use client'
/** The rows of the message log: ten thousand of them, of which the browser has as many as are seen. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, type UIEvent, useId, useLayoutEffect, useRef } from 'react'
import type { Entry } from '../model/entry.ts'
import { type IsSecret, safeValue } from '../model/redaction.ts'
import { useMonitored } from './context.ts'
import { bytes, time } from './format.ts'

/** Height of a row, in CSS pixels; the stylesheet says the same. */
const ROW_PX = 26

/** Characters of a message that a row shows. */
const PREVIEW_LENGTH = 200

const previews = new WeakMap<Entry, string>()

/** What is worth saying of a message in one line: its data, where it has any. */
function previewOf(entry: Entry, isSecret: IsSecret): string {
  const known = previews.get(entry)
  if (known !== undefined) return known
  const value = safeValue(entry, isSecret)
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  const { type: _, channel: __, timestamp: ___, ...rest } = fields ?? {}
  const said = fields === undefined ? value : !entry.isControl && rest['data'] !== undefined ? rest['data'] : rest
  const text = (typeof said === 'string' ? said : (JSON.stringify(said) ?? '')).slice(0, PREVIEW_LENGTH)
  previews.set(entry, text)
  return text
}

/** Props of {@link MessageList}. */
export interface MessageListProps {
  readonly rows: readonly Entry[]
  readonly isFollowing: boolean
  readonly selected: Entry | null
  readonly onSelect: (entry: Entry) => void
  /** The reader has scrolled away from the newest row, or back to it. */
  readonly onAway: (isAway: boolean) => void
}

/** A list box whose options are messages. */
export function MessageList({ rows, isFollowing, selected, onSelect, onAway }: MessageListProps): ReactNode {
  const { isSecret } = useMonitored()
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 6, useFlushSync: false })
  const newest = rows.at(-1)?.serial
  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }, [isFollowing, newest, rows.length])

  function scrolled({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: UIEvent<HTMLDivElement>): void {
    onAway(scrollHeight - scrollTop - clientHeight > ROW_PX)
  }

  function go(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? ROW_PX) / ROW_PX) - 1)
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length }
    const step = steps[event.key]
    if (step === undefined || rows.length === 0) return
    event.preventDefault()
    const at = selected === null ? rows.length : rows.indexOf(selected)
    const index = Math.min(rows.length - 1, Math.max(0, at + step))
    virtual.scrollToIndex(index)
    onSelect(rows[index] as Entry)
  }

  const items = virtual.getVirtualItems()
  const isShown = items.some(({ index }) => rows[index] === selected)
  return (
    <div
      ref={box} className="log" role="listbox" aria-label="Messages" tabIndex={0} onScroll={scrolled} onKeyDown={go}
      aria-activedescendant={selected !== null && isShown ? `${id}-${selected.serial}` : undefined}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const entry = rows[index]
          if (entry === undefined) return null
          const { serial, at, direction, type, channel, size, isControl } = entry
          return (
            // What the keys do is heard on the list box.
            <div
              key={index} id={`${id}-${serial}`} className="row" role="option" tabIndex={-1} aria-selected={entry === selected} aria-setsize={rows.length} aria-posinset={index + 1}
              data-direction={direction} data-control={isControl} style={{ transform: `translateY(${start}px)` }}
              onMouseDown={() => onSelect(entry)}
            >
              <span className="time">{time(at)}</span>
              <span className="arrow" role="img" aria-label={direction === 'in' ? 'received' : 'sent'}>{direction === 'in' ? '↓' : '↑'}</span>
              <span className="type">{type}</span>
              <span className="channel">{channel ?? ''}</span>
              <span className="preview">{previewOf(entry, isSecret)}</span>
              <span className="size">{bytes(size)}</span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
