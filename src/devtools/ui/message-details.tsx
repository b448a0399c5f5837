'use client'
/** One message, whole: what is known of it, and what it says, without its secrets. */
import { Copy, X } from 'lucide-react'
import { type ReactNode, useMemo } from 'react'
import type { Entry } from '../model/entry.ts'
import { safeValue } from '../model/redaction.ts'
import { useMonitored } from './context.ts'
import { bytes, count, time } from './format.ts'

/** More than this of a message is not put on the page; copying gives all of it. */
const SHOWN_LENGTH = 20_000

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** JSON as spans that can be told apart: names, texts, and the rest. */
function tinted(text: string): ReactNode[] {
  const parts: ReactNode[] = []
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    const [whole, quoted, colon] = match
    const kind = quoted === undefined ? 'value' : colon === undefined ? 'text' : 'name'
    parts.push(text.slice(end, match.index), <span key={match.index} className={kind}>{kind === 'name' ? quoted : whole}</span>, kind === 'name' ? colon : '')
    end = match.index + whole.length
  }
  parts.push(text.slice(end))
  return parts
}

/** Props of {@link MessageDetails}. */
export interface MessageDetailsProps {
  readonly entry: Entry
  readonly onCopy: (text: string) => void
  readonly onClose: () => void
}

/** The details of a message. */
export function MessageDetails({ entry, onCopy, onClose }: MessageDetailsProps): ReactNode {
  const { isSecret } = useMonitored()
  const { serial, at, direction, type, channel, size, id } = entry
  const text = useMemo(() => {
    const value = safeValue(entry, isSecret)
    return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  }, [entry, isSecret])
  const shown = useMemo(() => tinted(text.slice(0, SHOWN_LENGTH)), [text])
  return (
    <section className="details" aria-label="Message">
      <header>
        <h3>{type}</h3>
        <button type="button" className="icon" aria-label="Copy message" title="Copy" onClick={() => onCopy(text)}><Copy aria-hidden="true" size={14} /></button>
        <button type="button" className="icon" aria-label="Close message" title="Close" onClick={onClose}><X aria-hidden="true" size={14} /></button>
      </header>
      <p className="soft">
        {direction === 'in' ? 'Received' : 'Sent'} {time(at)} · {bytes(size)} · no. {count(serial)}{channel === undefined ? '' : ` · ${channel}`}{id === undefined ? '' : ` · ${id}`}
      </p>
      <pre tabIndex={0} role="region" aria-label="Content">{shown}{text.length > SHOWN_LENGTH && <em>{'\n'}… {count(text.length - SHOWN_LENGTH)} more; copy to get all</em>}</pre>
    </section>
  )
}
