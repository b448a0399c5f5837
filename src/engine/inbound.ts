/**
 * The inbound hot path: frame -> decode -> control or data -> listeners. Runs for every frame, so it
 * allocates nothing beyond what decoding does, and lets no exception out. Frames never go through
 * the connection machine; it reads `heardAt` when it needs to know.
 */
import { type ErrorCode, UplinkError, messageOf } from '../core/errors.ts'
import { type Stats, noteError } from '../core/stats.ts'
import { type Frame, type Message, frameSize } from '../protocol/message.ts'
import { type Control, type Protocol, ProtocolError, type ProtocolFault } from '../protocol/protocol.ts'
import type { Channels } from './channels-interface.ts'
import type { Platform } from './platform.ts'

const CODES: Readonly<Record<ProtocolFault, ErrorCode>> = {
  malformed: 'UPLINK_MESSAGE_MALFORMED',
  binary: 'UPLINK_MESSAGE_BINARY',
  unsafe: 'UPLINK_MESSAGE_UNSAFE',
  too_deep: 'UPLINK_MESSAGE_TOO_DEEP',
  unknown: 'UPLINK_MESSAGE_UNKNOWN',
}

/** What the hot path is made of. */
export interface InboundParts {
  readonly protocol: Protocol
  readonly platform: Platform
  readonly stats: Stats
  readonly channels: Channels
  readonly maxMessageSize: number
  onControl(control: Control): void
  onFault(error: UplinkError): void
  /** Whether the socket that the frame came from is no longer ours. */
  isOver(): boolean
}

/** The inbound path; `heardAt` is the monotonic time of the last sign of life. */
export interface Inbound {
  heardAt: number
  receive(frame: Frame): void
}

/** Makes the inbound path of a connection. */
export function createInbound(parts: InboundParts): Inbound {
  const { protocol, platform, stats, channels, maxMessageSize, isOver, onControl, onFault } = parts

  function fault(code: ErrorCode, text: string, cause?: unknown): void {
    stats.malformed++
    noteError(stats, code, text, platform.time())
    onFault(new UplinkError(code, text, { severity: 'warning', cause }))
  }

  function unreadable(thrown: unknown): void {
    const known = thrown instanceof ProtocolError
    fault(known ? CODES[thrown.fault] : 'UPLINK_MESSAGE_MALFORMED', `${protocol.name}: ${messageOf(thrown)}`, thrown)
  }

  function receive(frame: Frame): void {
    inbound.heardAt = platform.now()
    const size = frameSize(frame)
    stats.bytesReceived += size
    if (size > maxMessageSize) {
      fault('UPLINK_MESSAGE_TOO_LARGE', `a frame of ${size}; maxMessageSize is ${maxMessageSize}`)
      return
    }
    let message: Message
    let control: Control | readonly Control[] | undefined
    try {
      message = protocol.decode(frame)
      control = protocol.control?.(message)
    } catch (thrown) {
      unreadable(thrown)
      return
    }
    // Answers to pings and the like are no messages.
    if (control === undefined) {
      stats.messagesReceived++
      channels.route(message, isOver)
      return
    }
    for (const one of 'length' in control ? control : [control]) {
      if ('unreadable' in one) unreadable(one.unreadable)
      if (one.kind !== 'batch') onControl(one)
      else {
        stats.messagesReceived += one.messages.length
        for (const part of one.messages) if (!isOver()) channels.route(part, isOver)
      }
    }
  }

  const inbound: Inbound = { heardAt: -Infinity, receive }
  return inbound
}
