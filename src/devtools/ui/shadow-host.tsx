'use client'
/** A shadow root of its own: no rule of the page reaches in, and none of ours out. */
import { type ReactNode, useCallback, useState, useSyncExternalStore } from 'react'
import { createPortal } from 'react-dom'
import { STYLES } from './styles.ts'
import { type MonitorTheme, useTheme } from './theme.ts'

/** Props of {@link ShadowHost}. */
export interface ShadowHostProps {
  readonly theme: MonitorTheme
  readonly nonce: string | undefined
  /** Whether it takes the room of its parent, or none. */
  readonly isEmbedded: boolean
  readonly children: ReactNode
}

const neverChanges = (): (() => void) => () => undefined

function Host({ theme, nonce, isEmbedded, children }: ShadowHostProps): ReactNode {
  const [root, setRoot] = useState<ShadowRoot | null>(null)
  const attach = useCallback((host: HTMLDivElement | null) => {
    // StrictMode hands the same element over twice, and a root cannot be attached twice.
    setRoot(host === null ? null : (host.shadowRoot ?? host.attachShadow({ mode: 'open' })))
  }, [])
  const shown = useTheme(root?.host ?? null, theme)
  return (
    <div ref={attach} data-uplink-monitor={isEmbedded ? 'embedded' : 'floating'}>
      {root !== null && createPortal(
        <>
          <style nonce={nonce}>{STYLES}</style>
          <div className="monitor" data-theme={shown}>{children}</div>
        </>,
        root,
      )}
    </div>
  )
}

/**
 * Renders its children into a shadow root, with the monitor's stylesheet: embedded where it stands, floating at the
 * end of the page, where no transform of an ancestor can move it. On a server it is nothing.
 */
export function ShadowHost(props: ShadowHostProps): ReactNode {
  const body = useSyncExternalStore(neverChanges, () => document.body, () => null)
  if (body === null) return null
  return props.isEmbedded ? <Host {...props} /> : createPortal(<Host {...props} />, body)
}
