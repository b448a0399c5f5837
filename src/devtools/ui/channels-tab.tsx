'use client'
/** Every channel that was seen: what the server says of it, how fast it is, where it stands, and where its data came from. */
import { type ReactNode, useState } from 'react'
import type { ChannelStanding, Meter } from '../model/channels.ts'
import { useMonitored, useRecording } from './context.ts'
import { count, duration, rate } from './format.ts'

const WORDS: Readonly<Record<ChannelStanding, readonly [word: string, tone: string]>> = {
  asked: ['asked for', 'busy'], confirmed: ['live', 'good'], data: ['live', 'good'], refused: ['refused', 'bad'], left: ['left', 'idle'], lost: ['lost', 'busy'],
}

const ORDERS = {
  name: (a: Meter, b: Meter) => a.name.localeCompare(b.name),
  rate: (a: Meter, b: Meter) => b.rate - a.rate,
  messages: (a: Meter, b: Meter) => b.messages - a.messages,
  lag: (a: Meter, b: Meter) => (b.lagMs ?? -Infinity) - (a.lagMs ?? -Infinity),
} as const

type Order = keyof typeof ORDERS

const COLUMNS: ReadonlyArray<readonly [label: string, order: Order | null, hint: string]> = [
  ['Channel', 'name', 'Its name'],
  ['Standing', null, 'What the server has confirmed'],
  ['Rate', 'rate', 'Messages a second'],
  ['Messages', 'messages', 'Since the monitor looks on'],
  ['Position', null, 'Epoch and offset of the last message'],
  ['Lag', 'lag', 'How old its last message was when it came, by its own timestamp'],
  ['Source', null, 'How the last message came'],
  ['Last', null, 'How long ago'],
]

function Standing({ meter }: { readonly meter: Meter }): ReactNode {
  const [word, tone] = meter.behind > 0 && meter.standing === 'confirmed' ? ['catching up', 'late'] : WORDS[meter.standing]
  return <span className="chip" data-tone={tone} title={meter.why ?? undefined}>{word}</span>
}

function Row({ meter, now }: { readonly meter: Meter; readonly now: number }): ReactNode {
  return (
    <tr>
      <th scope="row">{meter.name}</th>
      <td><Standing meter={meter} />{meter.gaps > 0 && <span className="chip" data-tone="bad">{meter.gaps} {meter.gaps === 1 ? 'gap' : 'gaps'}</span>}</td>
      <td className="number">{rate(meter.rate)}</td>
      <td className="number">{count(meter.messages)}</td>
      <td className="number">{meter.offset === null ? '–' : <>{meter.epoch !== null && <span className="soft">{meter.epoch.slice(0, 6)} </span>}{count(meter.offset)}{meter.behind > 0 && <span className="soft"> −{count(meter.behind)}</span>}</>}</td>
      <td className="number">{duration(meter.lagMs)}</td>
      <td>{meter.source ?? '–'}</td>
      <td className="number">{meter.lastAt === null ? '–' : duration(Math.max(0, now - meter.lastAt))}</td>
    </tr>
  )
}

/** The tab of channels. */
export function ChannelsTab(): ReactNode {
  const { uplink } = useMonitored()
  const { meters } = useRecording()
  const [order, setOrder] = useState<Order>('name')
  const rows = [...meters.byName.values()].sort(ORDERS[order])
  const now = uplink.platform.time()
  if (rows.length === 0) return <p className="empty">No channel yet. One appears when the page asks for it, or when a message names it.</p>
  return (
    <div className="scroll" role="region" aria-label="Channels" tabIndex={0}>
      <table>
        <thead>
          <tr>{COLUMNS.map(([label, by, hint]) => (
            <th key={label} scope="col" title={hint} aria-sort={by === null ? undefined : by === order ? (by === 'name' ? 'ascending' : 'descending') : 'none'}>
              {by === null ? label : <button type="button" onClick={() => setOrder(by)}>{label}</button>}
            </th>
          ))}</tr>
        </thead>
        <tbody>{rows.map((meter) => <Row key={meter.name} meter={meter} now={now} />)}</tbody>
      </table>
      {meters.others > 0 && <p className="empty">{count(meters.others)} messages of more channels, counted together.</p>}
    </div>
  )
}
