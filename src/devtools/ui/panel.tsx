'use client'
/** The panel: who is looked at and how it is, and the tabs. */
import { Plug, RefreshCw, Unplug, X } from 'lucide-react'
import { type ReactNode, useState, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import type { FaultController } from '../faults/faults.ts'
import { NO_FAULTS } from '../faults/state.ts'
import { ChannelsTab } from './channels-tab.tsx'
import { ConnectionTab } from './connection-tab.tsx'
import { useMonitored, useSnapshot } from './context.ts'
import { FaultsTab } from './faults-tab.tsx'
import { STATE_WORDS, compact, duration, rate } from './format.ts'
import { MessagesTab } from './messages-tab.tsx'
import { NarrowContext, useNarrow } from './narrow.ts'
import { OutboxTab } from './outbox-tab.tsx'
import { useRemembered } from './remembered.ts'
import { StateMark } from './state-mark.tsx'
import { type Tab, Tabs } from './tabs.tsx'
import { TimelineTab } from './timeline-tab.tsx'

const never = (): (() => void) => () => undefined

/** How many faults are on. */
export function useFaultCount(controller: FaultController | undefined): number {
  const faults = useSyncExternalStore(controller?.subscribe ?? never, controller?.getState ?? (() => NO_FAULTS), () => NO_FAULTS)
  return (Object.keys(NO_FAULTS) as (keyof typeof NO_FAULTS)[]).filter((name) => faults[name] !== NO_FAULTS[name]).length
}

function Header({ onClose }: { readonly onClose: (() => void) | undefined }): ReactNode {
  const { name, uplink } = useMonitored()
  const { state, phase } = useSnapshot()
  const { receivedPerSecond, sentPerSecond } = useStore(uplink.stats)
  const { current } = useStore(uplink.latency)
  const isWanted = phase !== 'idle' && phase !== 'failed'
  return (
    <header className="head">
      <StateMark state={state} />
      <h2>{name}</h2>
      <span className="tone" data-state={state} data-testid="state">{STATE_WORDS[state]}</span>
      <span className="figures">
        <span>{duration(current)}</span>
        <span title="Received">↓ {rate(receivedPerSecond)}</span>
        <span title="Sent">↑ {rate(sentPerSecond)}</span>
      </span>
      <span className="spacer" />
      <button type="button" className="icon" aria-label="Reconnect" title="Reconnect now" onClick={() => uplink.reconnect()}><RefreshCw aria-hidden="true" size={14} /></button>
      {isWanted
        ? <button type="button" className="icon" aria-label="Disconnect" title="Disconnect" onClick={() => uplink.disconnect()}><Unplug aria-hidden="true" size={14} /></button>
        : <button type="button" className="icon" aria-label="Connect" title="Connect" onClick={() => void uplink.connect()}><Plug aria-hidden="true" size={14} /></button>}
      {onClose !== undefined && <button type="button" className="icon" aria-label="Close the monitor" title="Close" onClick={onClose}><X aria-hidden="true" size={15} /></button>}
    </header>
  )
}

/** Props of {@link Panel}. */
export interface PanelProps {
  /** Closes the panel, where it can be closed. */
  readonly onClose?: () => void
  readonly initialTab: string
}

/** The panel of the monitor. */
export function Panel({ onClose, initialTab }: PanelProps): ReactNode {
  const { uplink, faults } = useMonitored()
  const [tab, setTab] = useRemembered<string>('tab', initialTab)
  const [element, setElement] = useState<HTMLElement | null>(null)
  const isNarrow = useNarrow(element)
  const waiting = useStore(uplink.outbox, ({ queued, inFlight }) => queued + inFlight)
  const broken = useFaultCount(faults)
  const tabs: readonly Tab[] = [
    { id: 'connection', label: 'Connection', render: () => <ConnectionTab /> },
    { id: 'messages', label: 'Messages', render: () => <MessagesTab /> },
    { id: 'channels', label: 'Channels', render: () => <ChannelsTab /> },
    { id: 'outbox', label: 'Outbox', badge: waiting > 0 && <span className="badge" data-tone="busy">{compact(waiting)}</span>, render: () => <OutboxTab /> },
    { id: 'timeline', label: 'Timeline', render: () => <TimelineTab /> },
    { id: 'faults', label: 'Faults', badge: broken > 0 && <span className="badge" data-tone="bad">{broken} on</span>, render: () => <FaultsTab /> },
  ]
  return (
    <section ref={setElement} className="panel" aria-label="Connection monitor">
      <NarrowContext.Provider value={isNarrow}>
        <Header onClose={onClose} />
        <Tabs label="Connection monitor" tabs={tabs} current={tab} onChange={setTab} />
      </NarrowContext.Provider>
    </section>
  )
}
