'use client'
/** `ConnectionMonitor`: the devtools panel of one connection. */
import { type ReactNode, useCallback, useMemo, useSyncExternalStore } from 'react'
import { UplinkError } from '../core/errors.ts'
import { useProvidedUplink } from '../hooks/provider.tsx'
import type { AnyUplink } from '../store/create-uplink.ts'
import type { FaultController } from './faults/faults.ts'
import { secretRule } from './model/redaction.ts'
import type { RecorderOptions } from './recorder/recorder.ts'
import { acquireRecorder, recorderOf } from './recorder/shared.ts'
import { type Monitored, MonitoredContext } from './ui/context.ts'
import { Floating, type MonitorPosition } from './ui/floating.tsx'
import { Panel } from './ui/panel.tsx'
import { ShadowHost } from './ui/shadow-host.tsx'
import type { MonitorTheme } from './ui/theme.ts'

/** A tab of the monitor. */
export type MonitorTab = 'connection' | 'messages' | 'channels' | 'outbox' | 'timeline' | 'faults'

/** Props of {@link ConnectionMonitor}. What is kept is decided by the first monitor of a connection, for as long as there is one. */
export interface ConnectionMonitorProps extends RecorderOptions {
  /** The connection to look at. It is not kept open for it. @default the provider's */
  readonly uplink?: AnyUplink
  /** What breaks the link, from `faults()`; without it the fault panel says how to get one. */
  readonly faults?: FaultController
  /** Whether it is there at all. @default true, but false in a production build */
  readonly enabled?: boolean
  /** `embedded` takes the room of its parent. @default 'floating' */
  readonly mode?: 'floating' | 'embedded'
  /** In which corner it floats. @default 'bottom-right' */
  readonly position?: MonitorPosition
  /** Whether it is open before anybody has opened or closed it. @default false */
  readonly initialIsOpen?: boolean
  /** The tab that is shown before anybody has chosen one. @default 'connection' */
  readonly initialTab?: MonitorTab
  /** @default 'auto': as the page around it */
  readonly theme?: MonitorTheme
  /** Nonce of its style element, for pages with a strict Content-Security-Policy. */
  readonly nonce?: string
  /** Names of more fields whose values are hidden, besides those that sound like secrets. */
  readonly secrets?: RegExp
  /** What the connection is called. @default 'Connection' */
  readonly name?: string
}

declare const process: { readonly env: { readonly NODE_ENV?: string } }

function isProduction(): boolean {
  try {
    // Bundlers replace this expression as a whole; where nobody does, there is no `process`.
    return process.env.NODE_ENV === 'production'
  } catch {
    return false
  }
}

function Monitor({ uplink, faults, mode = 'floating', position = 'bottom-right', initialIsOpen = false, initialTab = 'connection', theme = 'auto', nonce, secrets, name = 'Connection', maxMessages, maxBytes, maxPerSecond, decode }: ConnectionMonitorProps): ReactNode {
  const provided = useProvidedUplink()
  const target = uplink ?? provided
  if (target === null) {
    throw new UplinkError('UPLINK_NO_PROVIDER', 'no connection to look at: put <ConnectionMonitor> below <UplinkProvider>, or give it an uplink')
  }
  // A subscription is a claim: the recorder is made after the first render, and never on a server.
  const claim = useCallback(() => acquireRecorder(target, {
    ...(maxMessages === undefined ? {} : { maxMessages }), ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxPerSecond === undefined ? {} : { maxPerSecond }), ...(decode === undefined ? {} : { decode }),
  }), [target, maxMessages, maxBytes, maxPerSecond, decode])
  const recorder = useSyncExternalStore(claim, () => recorderOf(target), () => null)
  const pattern = secrets?.source
  const flags = secrets?.flags
  const isSecret = useMemo(() => secretRule(pattern === undefined ? undefined : new RegExp(pattern, flags)), [pattern, flags])
  const monitored = useMemo<Monitored | null>(() => (recorder === null ? null : { name, uplink: target, recorder, faults, isSecret }), [name, target, recorder, faults, isSecret])
  return (
    <ShadowHost theme={theme} nonce={nonce} isEmbedded={mode === 'embedded'}>
      <MonitoredContext.Provider value={monitored}>
        {monitored !== null && (mode === 'embedded' ? <Panel initialTab={initialTab} /> : <Floating position={position} initialIsOpen={initialIsOpen} initialTab={initialTab} />)}
      </MonitoredContext.Provider>
    </ShadowHost>
  )
}

/**
 * Shows what a connection does: its state machine, every message, channels, outbox, timeline, and a panel of faults.
 * It floats in a corner or is embedded, lives in a shadow root, keeps a bounded amount, and hides secrets. In a
 * production build it is nothing, unless `enabled`.
 *
 * @throws UplinkError `UPLINK_NO_PROVIDER` when there is neither `uplink` nor a provider.
 * @example
 * <UplinkProvider uplink={uplink}>
 *   <App />
 *   <ConnectionMonitor faults={controller} />
 * </UplinkProvider>
 */
export function ConnectionMonitor(props: ConnectionMonitorProps): ReactNode {
  const { enabled = !isProduction() } = props
  return enabled ? <Monitor {...props} /> : null
}
