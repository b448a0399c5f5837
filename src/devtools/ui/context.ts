'use client'
/** What every tab of the monitor is about. */
import { type Context, createContext, useContext, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import type { AnyUplink } from '../../store/create-uplink.ts'
import type { ConnectionSnapshot } from '../../engine/snapshot.ts'
import type { FaultController } from '../faults/faults.ts'
import type { IsSecret } from '../model/redaction.ts'
import type { Recorder } from '../recorder/recorder.ts'

/** What a monitor looks at. */
export interface Monitored {
  readonly name: string
  readonly uplink: AnyUplink
  readonly recorder: Recorder
  readonly faults: FaultController | undefined
  readonly isSecret: IsSecret
}

/** Hands it to the tabs. */
export const MonitoredContext: Context<Monitored | null> = createContext<Monitored | null>(null)

/** What this monitor looks at. */
export function useMonitored(): Monitored {
  const monitored = useContext(MonitoredContext)
  if (monitored === null) throw new Error('a part of the monitor stands outside of it')
  return monitored
}

/** Renders again whenever the recorder has something new, five times a second at most. */
export function useRecording(): Recorder {
  const { recorder } = useMonitored()
  useSyncExternalStore(recorder.subscribe, recorder.version)
  return recorder
}

/** The connection as it is. */
export function useSnapshot(): ConnectionSnapshot {
  return useStore(useMonitored().uplink)
}
