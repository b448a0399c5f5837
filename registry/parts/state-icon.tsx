'use client'
/** The state as an icon of a toolbar: ten silhouettes, and in the corner how much of the connection is there. */
import { CloudOff, FastForward, History, Hourglass, LoaderCircle, type LucideIcon, RefreshCw, TriangleAlert, Unplug, Wifi, WifiOff } from 'lucide-react'
import type { ReactNode } from 'react'
import type { DisplayState } from 'uplink'
import { FILLS } from './state-mark'

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
    <span aria-hidden="true" className="relative inline-flex shrink-0">
      <Icon data-slot="icon" className={turns ? 'size-4.5 text-uplink-tone motion-safe:animate-uplink-turn' : 'size-4.5 text-uplink-tone'} />
      <span data-slot="fill" data-fill={FILLS[state]} className="uplink-fill absolute -end-1.5 -bottom-1 size-2.5 rounded-full outline-2 outline-uplink-surface" />
    </span>
  )
}
