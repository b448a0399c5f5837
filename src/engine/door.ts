/** The door of the way out: which messages are taken, under which id, and as which frame. */
import { type ErrorCode, UplinkError, messageOf } from '../core/errors.ts'
import type { Frame, OutboundMessage } from '../protocol/message.ts'
import type { Protocol } from '../protocol/protocol.ts'
import type { MessageIds } from './message-ids.ts'
import type { Platform } from './platform.ts'
import type { RefusalReason } from './send-options.ts'

/** Why a message is not taken. */
export interface TurnedAway {
  readonly reason: RefusalReason
  readonly error: UplinkError
}

/** The door of one connection. */
export interface Door {
  /** Why this is not taken; `undefined` where it is. `answered`: its sender waits for the server's answer. */
  examine(message: OutboundMessage, answered: boolean): TurnedAway | undefined
  /** The frame of a message. @throws UplinkError `UPLINK_ENCODE_FAILED` */
  encode(message: OutboundMessage, id: string, tracked: boolean): Frame
  /** Takes nothing any more. */
  close(reason: 'signed_out' | 'destroyed'): void
  /** Somebody connects: whoever signed out has signed in again. */
  open(): void
}

/** Longest id that servers take (docs/PROTOCOL.md, section 5). */
const ID_LENGTH = 128

/** What a door needs. */
export interface DoorHost {
  readonly protocol: Protocol
  readonly platform: Platform
  readonly ids: MessageIds
  /** Whether the server answers messages. */
  readonly answers: boolean
}

const no = (reason: RefusalReason, code: ErrorCode, text: string, messageId?: string): TurnedAway =>
  ({ reason, error: new UplinkError(code, text, messageId === undefined ? {} : { messageId }) })

/** Makes a door. */
export function createDoor({ protocol, platform, ids, answers }: DoorHost): Door {
  let closed: 'signed_out' | 'destroyed' | undefined

  return {
    examine(message, answered) {
      if (closed === 'destroyed') return no(closed, 'UPLINK_DESTROYED', 'this connection was destroyed; make a new one')
      if (closed === 'signed_out') return no(closed, 'UPLINK_SIGNED_OUT', 'signedOut() was called; messages are taken again after connect()')
      if (typeof message !== 'object' || message === null || typeof message.type !== 'string') {
        return no('not_encodable', 'UPLINK_ENCODE_FAILED', 'a message needs a string "type"')
      }
      if (answered && !answers) {
        return no('no_acknowledgements', 'UPLINK_ACKS_UNSUPPORTED', `the protocol ${protocol.name} has no acknowledgements; use for example uplink()`)
      }
      const { id } = message
      if (id === undefined) return undefined
      if (typeof id !== 'string' || id === '' || id.length > ID_LENGTH) {
        return no('not_encodable', 'UPLINK_ENCODE_FAILED', `the id of a message is a string of 1 to ${ID_LENGTH} characters`)
      }
      return ids.isOccupied(id) ? no('duplicate_id', 'UPLINK_MESSAGE_DROPPED', 'a message of this id has no outcome yet; ids are unique for ever', id) : undefined
    },
    encode(message, id, tracked) {
      const { type, channel, data, timestamp = platform.time() } = message
      try {
        return protocol.encode({ type, channel, data, timestamp, id: tracked ? id : message.id } as OutboundMessage)
      } catch (thrown) {
        throw new UplinkError('UPLINK_ENCODE_FAILED', messageOf(thrown), { cause: thrown, messageId: id })
      }
    },
    close(reason) {
      if (closed !== 'destroyed') closed = reason
    },
    open() {
      if (closed === 'signed_out') closed = undefined
    },
  }
}
