'use client'
/** The shape and the fill of each state: nine silhouettes that differ without colour and without motion. */
import { CloudOff, FastForward, Hourglass, LoaderCircle, type LucideIcon, RefreshCw, TriangleAlert, Unplug, Wifi, WifiOff } from 'lucide-react'
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
  catching_up: FastForward,
}

/** How much of the connection is there: all of it, the link without all the data, work on it, nothing. */
export type Fill = 'solid' | 'half' | 'striped' | 'hollow'

/** The fill of each state. */
export const FILLS: Readonly<Record<DisplayState, Fill>> = {
  connected: 'solid',
  catching_up: 'half',
  connecting: 'striped',
  reconnecting: 'striped',
  disconnecting: 'striped',
  disconnected: 'hollow',
  error: 'hollow',
  offline: 'hollow',
  cooldown: 'hollow',
}

/** Props of {@link StateIcon}. */
export interface StateIconProps {
  readonly state: DisplayState
  readonly className?: string
}

/** The fill and the icon of a state; decoration, because the state's word stands beside it or in the accessible name. */
export function StateIcon({ state, className }: StateIconProps): ReactNode {
  const Icon = ICONS[state]
  const spins = state === 'connecting' || state === 'reconnecting'
  return (
    <>
      <span aria-hidden="true" data-slot="fill" data-fill={FILLS[state]} className="uplink-fill uplink:size-2.5 uplink:shrink-0 uplink:rounded-full" />
      <Icon
        aria-hidden="true"
        data-slot="icon"
        className={cx('uplink:size-4 uplink:shrink-0 uplink:text-tone', spins && 'uplink:motion-safe:animate-turn', className)}
      />
    </>
  )
}
