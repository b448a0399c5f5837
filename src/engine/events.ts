/** The events of a connection, and who hears them. */
import type { UplinkError } from '../core/errors.ts'
import type { ConnectionState } from '../core/machine.ts'
import type { Message } from '../protocol/message.ts'
import { type Listeners, type ReportThrow, createListeners, deliver, listenTo } from './listeners.ts'
import type { DroppedMessage } from './outbound.ts'

/** What each event carries. Durations are ms, times epoch ms. */
export interface ConnectionEvents {
  /** The connection is open and channels have been asked for again. */
  open: { readonly reconnected: boolean }
  /** An open socket ended. */
  close: { readonly code: number; readonly reason: string }
  /** Anything went wrong; the connection may go on all the same. */
  error: UplinkError
  /** Every data message, before it is routed. */
  message: Message
  statechange: { readonly from: ConnectionState; readonly to: ConnectionState }
  /** A retry was scheduled. */
  reconnecting: { readonly attempt: number; readonly delayMs: number; readonly retryAt: number }
  /** Retrying has ended (fatal), or pauses for the breaker's cool-down. */
  reconnectFailed: { readonly error: UplinkError; readonly attempts: number }
  heartbeatTimeout: { readonly missed: number; readonly silentMs: number }
  /** A ping was answered. */
  pong: { readonly latencyMs: number }
  /** A message left the queue without being sent, or never got in. */
  messageDropped: DroppedMessage
}

/** Names of events. */
export type EventName = keyof ConnectionEvents

/** Hears one event. */
export type EventListener<Name extends EventName> = (event: ConnectionEvents[Name]) => void

/** The events of one connection. */
export interface Emitter {
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): () => void
  emit<Name extends EventName>(name: Name, event: ConnectionEvents[Name]): void
  has(name: EventName): boolean
  clear(): void
}

/** An emitter without listeners. `report` hears what listeners throw, and the name of the event. */
export function createEmitter(report: (thrown: unknown, name: EventName) => void): Emitter {
  const lists = new Map<EventName, Listeners<unknown, undefined>>()
  const reporters = new Map<EventName, ReportThrow>()

  return {
    on(name, listener) {
      const list = lists.get(name) ?? createListeners<unknown, undefined>()
      lists.set(name, list)
      reporters.set(name, (thrown) => report(thrown, name))
      return listenTo(list, listener as (event: unknown) => void)
    },
    emit(name, event) {
      const list = lists.get(name)
      if (list !== undefined) deliver(list, event, undefined, reporters.get(name) as ReportThrow)
    },
    has: (name) => (lists.get(name)?.entries.length ?? 0) > 0,
    clear() {
      for (const list of lists.values()) list.entries = []
      lists.clear()
    },
  }
}
