'use client'
/** What can be done about a connection: try now, or what its remedy asks for. */
import { LoaderCircle, RefreshCw } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { type Display, type DisplayState, type Remedy, type UplinkTarget, useConnection, useUplink } from 'uplink'
import type { CoreLabels } from '../labels/labels'
import { Button } from './button'
import { Reserved } from './reserved'

/** What the page does for a remedy that only the page can do. A remedy without one has its sentence, and no button. */
export type RemedyActions = Readonly<Partial<Record<Remedy & keyof CoreLabels['actions'], () => void>>>

/** Props of {@link ReconnectButton}. */
export interface ReconnectButtonProps {
  readonly state: DisplayState
  readonly labels: CoreLabels
  readonly target?: UplinkTarget | undefined
  /** Called after the attempt has begun. */
  readonly onReconnect?: (() => void) | undefined
}

const RING = '3px solid var(--uplink-ring)'

/** An attempt may fail in less time than an eye needs: that the press was taken is seen all the same. */
function showPress(button: Element, icon: Element | null): void {
  if (!('animate' in button)) return
  button.animate([{ outline: RING }, { outline: '3px solid transparent' }], 700)
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) icon?.animate({ rotate: ['0deg', '360deg'] }, 1_000)
}

/**
 * Starts an attempt now; says "Connect" where nothing was wanted before. It works in every state but one
 * (the goodbye of a graceful disconnect), and shows that an attempt is under way.
 */
export function ReconnectButton({ state, labels, target, onReconnect }: ReconnectButtonProps): ReactNode {
  const { reconnect } = useUplink(target)
  const icon = useRef<SVGSVGElement>(null)
  const isTrying = useConnection(({ phase }) => phase === 'authorizing' || phase === 'dialing' || phase === 'greeting', target)
  const isClosing = state === 'disconnecting'
  const Icon = isTrying ? LoaderCircle : RefreshCw
  return (
    <Button
      data-slot="reconnect"
      data-trying={isTrying || undefined}
      aria-busy={isTrying || undefined}
      aria-disabled={isClosing || undefined}
      onClick={({ currentTarget }) => {
        if (isClosing) return
        reconnect()
        showPress(currentTarget, icon.current)
        onReconnect?.()
      }}
    >
      <Icon ref={icon} aria-hidden="true" className={isTrying ? 'size-3.5 motion-safe:animate-uplink-turn' : 'size-3.5'} />
      <Reserved words={[labels.connect, labels.reconnect]}>{state === 'disconnected' ? labels.connect : labels.reconnect}</Reserved>
    </Button>
  )
}

/** Props of {@link RemedyButton} and {@link MainAction}. */
export interface ActionProps extends Omit<ReconnectButtonProps, 'state'> {
  readonly display: Display
  readonly actions?: RemedyActions | undefined
}

/** What the page can do for the remedy of a state, or null. */
function actionFor({ remedy }: Display, actions: RemedyActions | undefined): readonly [name: keyof RemedyActions, act: () => void] | null {
  if (remedy !== 'sign_in' && remedy !== 'reload' && remedy !== 'contact') return null
  const act = actions?.[remedy]
  return act === undefined ? null : [remedy, act]
}

/** Does what the remedy of a state asks for, where the page knows how; else nothing. */
export function RemedyButton({ display, labels, actions }: ActionProps): ReactNode {
  const action = actionFor(display, actions)
  if (action === null) return null
  const [name, act] = action
  return <Button data-slot="remedy" data-remedy={name} data-primary onClick={act}>{labels.actions[name]}</Button>
}

/** The one thing to do where there is room for one: the remedy, where trying again could not help; else an attempt. */
export function MainAction({ display, actions, ...props }: ActionProps): ReactNode {
  const isFutile = display.state === 'error' && actionFor(display, actions) !== null
  return isFutile ? <RemedyButton display={display} actions={actions} {...props} /> : <ReconnectButton state={display.state} {...props} />
}
