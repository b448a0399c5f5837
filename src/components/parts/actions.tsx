'use client'
/** What can be done about a connection. */
import { LoaderCircle, RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import type { DisplayState } from '../../core/display.ts'
import { useConnection } from '../../hooks/use-connection.ts'
import { useUplink, type UplinkTarget } from '../../hooks/use-uplink.ts'
import type { CoreLabels } from '../labels/labels.ts'
import { Button } from './button.tsx'
import { Reserved } from './reserved.tsx'

/** Props of {@link ReconnectButton}. */
export interface ReconnectButtonProps {
  readonly state: DisplayState
  readonly labels: CoreLabels
  readonly target?: UplinkTarget | undefined
  /** Called after the attempt has begun. */
  readonly onReconnect?: (() => void) | undefined
}

const RING = '3px solid var(--uplink-ring)'

/**
 * Starts an attempt now; says "Connect" where nothing was wanted before. It works in every state but one
 * (the goodbye of a graceful disconnect), and shows that an attempt is under way.
 */
export function ReconnectButton({ state, labels, target, onReconnect }: ReconnectButtonProps): ReactNode {
  const { reconnect } = useUplink(target)
  const isTrying = useConnection(({ phase }) => phase === 'authorizing' || phase === 'dialing' || phase === 'greeting', target)
  const isClosing = state === 'disconnecting'
  const Icon = isTrying ? LoaderCircle : RefreshCw
  return (
    <Button
      data-slot="reconnect"
      data-trying={isTrying || undefined}
      aria-disabled={isClosing || undefined}
      onClick={({ currentTarget }) => {
        if (isClosing) return
        reconnect()
        // An attempt may fail in less time than an eye needs: that the press was taken is seen all the same.
        if ('animate' in currentTarget) currentTarget.animate([{ outline: RING }, { outline: '3px solid transparent' }], 700)
        onReconnect?.()
      }}
    >
      <Icon aria-hidden="true" className={isTrying ? 'uplink:size-3.5 uplink:motion-safe:animate-turn' : 'uplink:size-3.5'} />
      <Reserved words={[labels.connect, labels.reconnect]}>{state === 'disconnected' ? labels.connect : labels.reconnect}</Reserved>
    </Button>
  )
}
