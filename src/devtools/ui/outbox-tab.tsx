'use client'
/** The way out: what waits, what is on its way, and what became of each message that has an id. */
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { Fate, Send } from '../model/sends.ts'
import { useMonitored, useRecording } from './context.ts'
import { bytes, count, duration, time } from './format.ts'

const TONES: Readonly<Record<Fate, string>> = {
  queued: 'busy', sent: 'late', delivered: 'good', rejected: 'bad', dropped: 'bad', unknown: 'busy', kept: 'late',
}

const FATES = ['delivered', 'rejected', 'expired', 'dropped', 'unknown', 'kept'] as const

function Row({ send }: { readonly send: Send }): ReactNode {
  return (
    <tr>
      <td className="number">{time(send.at)}</td>
      <td><span className="chip" data-tone={TONES[send.fate]}>{send.fate}</span></td>
      <th scope="row">{send.type ?? '–'}</th>
      <td>{send.channel ?? '–'}</td>
      <td className="number">{duration(send.latencyMs)}{send.tries > 1 && <span className="soft"> · sent {send.tries} times</span>}</td>
      <td className="soft">{send.why ?? send.id}</td>
    </tr>
  )
}

/** The tab of the outbox. */
export function OutboxTab(): ReactNode {
  const { uplink } = useMonitored()
  const { sends } = useRecording()
  const outbox = useStore(uplink.outbox)
  const rows = [...sends.values()].reverse()
  return (
    <div className="outbox">
      <dl className="tiles">
        <div data-tone={outbox.queued > 0 ? 'busy' : 'idle'}><dt>Waiting</dt><dd>{count(outbox.queued)}</dd><dd className="soft">{bytes(outbox.bytes)}</dd></div>
        <div data-tone={outbox.inFlight > 0 ? 'late' : 'idle'}><dt>Unanswered</dt><dd>{count(outbox.inFlight)}</dd><dd className="soft">on their way</dd></div>
        <div data-tone="idle"><dt>Stored</dt><dd>{count(outbox.persisted)}</dd><dd className="soft">survive the page</dd></div>
        {FATES.map((fate) => <div key={fate} data-tone={outbox[fate] > 0 ? (fate === 'delivered' ? 'good' : fate === 'kept' ? 'late' : 'bad') : 'idle'}><dt>{fate}</dt><dd>{count(outbox[fate])}</dd></div>)}
      </dl>
      {rows.length === 0 ? <p className="empty">Nothing with an id was sent yet. Messages get one where the protocol has acknowledgements, or where you give them one.</p> : (
        <div className="scroll" role="region" aria-label="Sent messages" tabIndex={0}>
          <table>
            <thead><tr>{['Sent', 'Fate', 'Type', 'Channel', 'Answered in', 'Id, or why not'].map((label) => <th key={label} scope="col">{label}</th>)}</tr></thead>
            <tbody>{rows.map((send) => <Row key={send.id} send={send} />)}</tbody>
          </table>
        </div>
      )}
    </div>
  )
}
