'use client'
/** The connection in one hook: its state, and what can be done with it. */
import { useMemo } from 'react'
import type { UplinkError } from '../core/errors.ts'
import type { ConnectionState } from '../core/machine.ts'
import type { Schema, UntypedSchema } from '../protocol/schema.ts'
import type { Uplink } from '../store/create-uplink.ts'
import type { LeaseOptions } from '../store/registry.ts'
import { useStoreSelector } from './use-store-selector.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/** What {@link useWebSocket} returns. The functions are the same as long as the uplink is. */
export interface WebSocketHandle<S extends Schema = UntypedSchema>
  extends Pick<Uplink<S>, 'connect' | 'disconnect' | 'reconnect' | 'send' | 'sendWithAck' | 'subscribe'> {
  readonly state: ConnectionState
  readonly isConnected: boolean
  /** Failed attempts in a row. */
  readonly attempt: number
  /** Epoch ms of the next attempt, while one is waited for. */
  readonly retryAt: number | null
  readonly error: UplinkError | null
}

/**
 * A live connection. Renders only when its state changes, never for messages.
 *
 * @param target an uplink, or a URL (shared by all who name it); else the provider's uplink.
 * @example
 * const { state, send, reconnect } = useWebSocket('wss://example.com/ws')
 */
export function useWebSocket<S extends Schema = UntypedSchema>(target?: UplinkTarget<S>, options?: LeaseOptions): WebSocketHandle<S> {
  const uplink = useUplink(target, options)
  const status = useStoreSelector(uplink, ({ state, attempt, retryAt, error }) => ({
    state, isConnected: state === 'connected', attempt, retryAt, error,
  }))
  const { connect, disconnect, reconnect, send, sendWithAck, subscribe } = uplink
  return useMemo(
    () => ({ ...status, connect, disconnect, reconnect, send, sendWithAck, subscribe }),
    [status, connect, disconnect, reconnect, send, sendWithAck, subscribe],
  )
}
