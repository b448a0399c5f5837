'use client'
/** What happened, newest first: transitions, closes, errors, retries, gaps. */
import { type ReactNode, memo, useMemo, useState } from 'react'
import type { Happening } from '../model/timeline.ts'
import { useRecording } from './context.ts'
import { duration, time } from './format.ts'

const WORDS: Readonly<Record<Happening['kind'], readonly [word: string, tone: string]>> = {
  transition: ['transition', 'idle'], close: ['close', 'busy'], error: ['error', 'bad'], retry: ['retry', 'late'], heartbeat: ['heartbeat', 'busy'], gap: ['gap', 'bad'],
}

const TONES: Readonly<Record<string, string>> = { open: 'good', failed: 'bad', waiting: 'busy', paused: 'busy', idle: 'idle', closing: 'idle' }

const Row = memo(function Row({ happening, lastedMs }: { readonly happening: Happening; readonly lastedMs: number | null }): ReactNode {
  const { at, kind, from, to, code, text } = happening
  const [word, tone] = WORDS[kind]
  return (
    <tr>
      <td className="number">{time(at)}</td>
      <td>{to === null ? <span className="chip" data-tone={tone}>{word}</span> : <><span className="soft">{from} → </span><span className="chip" data-tone={TONES[to] ?? 'late'}>{to}</span></>}</td>
      <td className="number">{lastedMs === null ? '' : duration(lastedMs)}</td>
      <td>{code !== null && <code>{code}</code>} {text}</td>
    </tr>
  )
})

/** How long each phase lasted, by the serial of the transition into it; the last one lasts yet. */
function lastings(timeline: readonly Happening[]): Map<number, number> {
  const lasted = new Map<number, number>()
  let before: Happening | undefined
  for (const one of timeline) {
    if (one.kind !== 'transition') continue
    if (before !== undefined) lasted.set(before.serial, one.at - before.at)
    before = one
  }
  return lasted
}

/** The tab of the timeline. */
export function TimelineTab(): ReactNode {
  const timeline = useRecording().timeline()
  const [only, setOnly] = useState(false)
  const lasted = useMemo(() => lastings(timeline), [timeline])
  const rows = useMemo(() => timeline.filter(({ kind }) => !only || kind === 'transition').reverse(), [timeline, only])
  if (timeline.length === 0) return <p className="empty">Nothing has happened yet.</p>
  return (
    <div className="timeline">
      <label className="check"><input type="checkbox" checked={only} onChange={(event) => setOnly(event.target.checked)} /> Transitions only</label>
      <div className="scroll" role="region" aria-label="Timeline" tabIndex={0}>
        <table>
          <thead><tr>{['Time', 'What', 'Lasted', 'Details'].map((label) => <th key={label} scope="col">{label}</th>)}</tr></thead>
          <tbody>{rows.map((happening) => <Row key={happening.serial} happening={happening} lastedMs={lasted.get(happening.serial) ?? null} />)}</tbody>
        </table>
      </div>
    </div>
  )
}
