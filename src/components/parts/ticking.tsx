'use client'
/** Text that counts. Each is a component of its own, so that a second costs one text node. */
import type { ReactNode } from 'react'
import type { Display } from '../../core/display.ts'
import { useClock } from '../../hooks/use-clock.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { formatDuration } from '../labels/format.ts'
import type { CoreLabels } from '../labels/labels.ts'

/** Props of the counting texts. `at` is epoch ms. */
export interface TickingProps {
  readonly at: number
  readonly labels: CoreLabels
  readonly target?: UplinkTarget | undefined
}

/** Time until `at`, at least a second: it is replaced by the attempt, not by zero. */
export function Countdown({ at, labels, target }: TickingProps): ReactNode {
  const now = useClock(true, target)
  return <span data-slot="countdown">{now === 0 ? '' : labels.retryIn(formatDuration(Math.max(1_000, at - now), labels))}</span>
}

/** Time since the connection is shown as open, or a dash. */
export function Uptime({ display, labels, target }: Omit<TickingProps, 'at'> & { readonly display: Display }): ReactNode {
  return display.state === 'connected' || display.state === 'catching_up' ? <Elapsed at={display.since} labels={labels} target={target} /> : '–'
}

function Elapsed({ at, labels, target }: TickingProps): ReactNode {
  const now = useClock(true, target)
  return <span data-slot="elapsed">{now === 0 ? '–' : formatDuration(Math.max(0, now - at), labels)}</span>
}
