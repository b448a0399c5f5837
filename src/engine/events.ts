/** The events of a connection, and who hears them. */
import type { UplinkError } from '../core/errors.ts'
import type { ConnectionState } from '../core/machine.ts'
import type { DataSource } from './channel-lease.ts'
import { type Listeners, type ReportThrow, createListeners, deliver, listenTo } from './listeners.ts'
import type { DropReason } from '../core/outbox.ts'
import type { Gap } from '../core/position.ts'
import type { ChannelParams, Frame, Message } from '../protocol/message.ts'

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
  /** A frame as it came in, readable or not, before it is decoded. For tools: nothing is redacted. */
  frameReceived: Frame
  /** A frame that was handed to the socket; several messages may share one. For tools: credentials are in it. */
  frameSent: Frame
  statechange: { readonly from: ConnectionState; readonly to: ConnectionState }
  /** A retry was scheduled. */
  reconnecting: { readonly attempt: number; readonly delayMs: number; readonly retryAt: number }
  /** Retrying has ended (fatal), or pauses for the breaker's cool-down. */
  reconnectFailed: { readonly error: UplinkError; readonly attempts: number }
  heartbeatTimeout: { readonly missed: number; readonly silentMs: number }
  /** A ping was answered. */
  pong: { readonly latencyMs: number }
  /** A message waits in the outbox. */
  messageQueued: { readonly id: string }
  /** A message survives the page from now on. */
  messagePersisted: { readonly id: string }
  /** The server handled a message. `latencyMs` is from `send` on. */
  messageAcknowledged: { readonly id: string; readonly data: unknown; readonly latencyMs: number }
  /** The server refused a message for good; `code` is the server's. */
  messageRejected: { readonly id: string; readonly code: string; readonly error: UplinkError }
  /** A message left the outbox without being sent, or never got in, or expired. */
  messageDropped: { readonly id: string; readonly reason: DropReason }
  /** A message was sent, and nobody can know whether it was handled. */
  messageUnknown: { readonly id: string; readonly error: UplinkError }
  /** A message stays in the storage, and this connection has no more to do with it. */
  messageKept: { readonly id: string }
  /** Messages of a channel were lost for good: fetch a snapshot. */
  gap: { readonly channel: string; readonly params: ChannelParams | undefined; readonly gap: Gap }
  /** A fallback began to bring the data of a channel (`fallback`), cannot (`cache`), or is no longer needed (`live`). */
  source: { readonly channel: string; readonly params: ChannelParams | undefined; readonly source: DataSource }
  /** A fallback got an answer for a channel, or none. `latencyMs` is that of the request. */
  poll: {
    readonly channel: string
    readonly params: ChannelParams | undefined
    /** Messages that were new; 0 where nothing was. */
    readonly messages: number
    readonly latencyMs: number
    readonly error: UplinkError | null
  }
}

/** Names of events. */
export type EventName = keyof ConnectionEvents

/** Hears one event. */
export type EventListener<Name extends EventName> = (event: ConnectionEvents[Name]) => void

/** The events of one connection. */
export interface Emitter {
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): () => void
  emit<Name extends EventName>(name: Name, event: ConnectionEvents[Name]): void
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
    clear() {
      for (const list of lists.values()) list.entries = []
      lists.clear()
    },
  }
}
