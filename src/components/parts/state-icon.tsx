'use client'
/** The shape of each state: eight silhouettes that differ without colour and without motion. */
import { CloudOff, Hourglass, LoaderCircle, type LucideIcon, RefreshCw, TriangleAlert, Unplug, Wifi, WifiOff } from 'lucide-react'
import type { ReactNode } from 'react'
import type { DisplayState } from '../../core/display.ts'
import { cx } from './cx.ts'

const ICONS: Readonly<Record<DisplayState, LucideIcon>> = {
  disconnected: WifiOff,
  connecting: LoaderCircle,
  connected: Wifi,
  reconnecting: RefreshCw,
  disconnecting: Unplug,
  error: TriangleAlert,
  offline: CloudOff,
  cooldown: Hourglass,
}

/** Props of {@link StateIcon}. */
export interface StateIconProps {
  readonly state: DisplayState
  readonly className?: string
}

/** The icon of a state; decoration, because the state's word stands beside it or in the accessible name. */
export function StateIcon({ state, className }: StateIconProps): ReactNode {
  const Icon = ICONS[state]
  const spins = state === 'connecting' || state === 'reconnecting'
  return (
    <Icon
      aria-hidden="true"
      data-slot="icon"
      className={cx('uplink:size-4 uplink:shrink-0 uplink:text-tone', spins && 'uplink:motion-safe:animate-turn', className)}
    />
  )
}
