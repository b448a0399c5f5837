'use client'
/** What can be done about a connection. */
import { RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import type { DisplayState } from '../../core/display.ts'
import { useUplink, type UplinkTarget } from '../../hooks/use-uplink.ts'
import type { Labels } from '../labels.ts'
import { Button } from './button.tsx'

/** Props of {@link ReconnectButton}. */
export interface ReconnectButtonProps {
  readonly state: DisplayState
  readonly labels: Labels
  readonly target?: UplinkTarget | undefined
  /** Called after the attempt has begun. */
  readonly onReconnect?: (() => void) | undefined
}

/** Starts an attempt now; says "Connect" where nothing was wanted before. */
export function ReconnectButton({ state, labels, target, onReconnect }: ReconnectButtonProps): ReactNode {
  const { reconnect } = useUplink(target)
  const trying = state === 'connecting' || state === 'disconnecting'
  return (
    <Button
      data-slot="reconnect"
      aria-disabled={trying || undefined}
      onClick={() => {
        if (trying) return
        reconnect()
        onReconnect?.()
      }}
    >
      <RefreshCw aria-hidden="true" className="uplink:size-3.5" />
      {state === 'disconnected' ? labels.connect : labels.reconnect}
    </Button>
  )
}
