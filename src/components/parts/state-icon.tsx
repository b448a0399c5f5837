'use client'
/** The state as an icon of a toolbar: ten silhouettes, and in the corner how much of the connection is there. */
import { CloudOff, FastForward, History, Hourglass, LoaderCircle, type LucideIcon, RefreshCw, TriangleAlert, Unplug, Wifi, WifiOff } from 'lucide-react'
import type { ReactNode } from 'react'
import type { DisplayState } from '../../core/display.ts'
import { FILLS } from './state-mark.tsx'

const ICONS: Readonly<Record<DisplayState, LucideIcon>> = {
  disconnected: WifiOff,
  connecting: LoaderCircle,
  connected: Wifi,
  reconnecting: RefreshCw,
  disconnecting: Unplug,
  error: TriangleAlert,
  offline: CloudOff,
  cooldown: Hourglass,
  catching_up: FastForward,
  delayed: History,
}

/** Props of {@link StateIcon}. */
export interface StateIconProps {
  readonly state: DisplayState
}

/** The icon and the fill of a state; decoration, because the state's word is in the accessible name. */
export function StateIcon({ state }: StateIconProps): ReactNode {
  const Icon = ICONS[state]
  const turns = state === 'connecting' || state === 'reconnecting'
  return (
    <span aria-hidden="true" className="uplink:relative uplink:inline-flex uplink:shrink-0">
      <Icon data-slot="icon" className={turns ? 'uplink:size-4.5 uplink:text-tone uplink:motion-safe:animate-turn' : 'uplink:size-4.5 uplink:text-tone'} />
      <span data-slot="fill" data-fill={FILLS[state]} className="uplink-fill uplink:absolute uplink:-end-1.5 uplink:-bottom-1 uplink:size-2.5 uplink:rounded-full uplink:outline-2 uplink:outline-surface" />
    </span>
  )
}
