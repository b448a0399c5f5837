'use client'
/** The connection: the picture of its machine, what is known of it, and how it has been. */
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { Chart } from './chart.tsx'
import { useMonitored, useRecording, useSnapshot } from './context.ts'
import { STATE_WORDS, bytes, count, duration, rate } from './format.ts'
import { MachinePicture } from './machine-picture.tsx'
import { useIsNarrow } from './narrow.ts'

/** Two minutes fill a chart. */
const SHOWN_SECONDS = 120

function Facts({ facts }: { readonly facts: ReadonlyArray<readonly [name: string, value: ReactNode]> }): ReactNode {
  return <dl className="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
}

function Known(): ReactNode {
  const { uplink } = useMonitored()
  const snapshot = useSnapshot()
  const stats = useStore(uplink.stats)
  const latency = useStore(uplink.latency)
  const { state, attempt, breakerOpen, generation, network, error, catchingUp } = snapshot
  return (
    <>
      {error !== null && <p className="trouble"><b>{error.code}</b> {error.message}</p>}
      <Facts facts={[
        ['Network', network],
        ['Socket', generation === 0 ? 'none yet' : `no. ${generation}`],
        ['Attempt', attempt === 0 ? '–' : `${attempt} failed`],
        ['Breaker', breakerOpen ? 'open' : 'closed'],
        ['Channels', state !== 'connected' ? '–' : catchingUp ? 'catching up' : 'current'],
        ['Uptime', stats.uptime === 0 ? '–' : duration(stats.uptime)],
        ['Available', stats.availability === null ? '–' : `${(stats.availability * 100).toFixed(1)} %`],
        ['Reconnects', count(stats.reconnections)],
        ['Latency', duration(latency.current)],
        ['p95', duration(latency.p95)],
        ['Jitter', duration(latency.jitter)],
        ['Quality', latency.quality],
        ['Received', `${count(stats.messagesReceived)} · ${bytes(stats.bytesReceived)}`],
        ['Sent', `${count(stats.messagesSent)} · ${bytes(stats.bytesSent)}`],
        ['Errors', stats.malformed === 0 ? count(stats.errors) : `${count(stats.errors)} · ${count(stats.malformed)} unreadable`],
      ]} />
    </>
  )
}

function Picture(): ReactNode {
  const { uplink } = useMonitored()
  // The recorder's beat keeps the countdown going; without one, nothing here moves.
  useRecording()
  const { phase, state, retryAt } = useSnapshot()
  const history = useStore(uplink.history)
  const isNarrow = useIsNarrow()
  return (
    <section className="card picture" aria-label="State machine">
      <header><h3>State machine</h3><span className="tone" data-state={state}>{STATE_WORDS[state]}</span></header>
      <MachinePicture phase={phase} state={state} last={history.at(-1)} retryInMs={retryAt === null ? null : retryAt - uplink.platform.time()} isNarrow={isNarrow} />
    </section>
  )
}

function Charts(): ReactNode {
  const series = useRecording().series().slice(-SHOWN_SECONDS)
  const gaps = series.map(({ isConnected }) => !isConnected)
  return (
    <>
      <div className="card"><Chart title="Latency" length={SHOWN_SECONDS} gaps={gaps} format={duration} lines={[{ label: 'round trip', tone: 'in', values: series.map(({ latencyMs }) => latencyMs) }]} /></div>
      <div className="card"><Chart title="Messages" length={SHOWN_SECONDS} gaps={gaps} format={rate} lines={[
        { label: 'in', tone: 'in', values: series.map(({ received }) => received) },
        { label: 'out', tone: 'out', values: series.map(({ sent }) => sent) },
      ]} /></div>
      <div className="card"><Chart title="Throughput" length={SHOWN_SECONDS} gaps={gaps} format={(value) => `${bytes(value)}/s`} lines={[
        { label: 'in', tone: 'in', values: series.map(({ bytesReceived }) => bytesReceived) },
        { label: 'out', tone: 'out', values: series.map(({ bytesSent }) => bytesSent) },
      ]} /></div>
    </>
  )
}

/** The first tab. */
export function ConnectionTab(): ReactNode {
  return (
    <div className="overview">
      <Picture />
      <section className="card known" aria-label="Facts"><Known /></section>
      <section className="charts" aria-label="Charts"><Charts /></section>
    </div>
  )
}
