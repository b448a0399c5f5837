/** What the frames that are not messages do: each to the part of the connection that it is for. */
import { UplinkError } from '../core/errors.ts'
import type { Signal } from '../core/machine.ts'
import type { Frame } from '../protocol/message.ts'
import type { Control, Greeting } from '../protocol/protocol.ts'
import type { Channels } from './channels-interface.ts'
import type { CredentialsKeeper } from './credentials.ts'
import type { Outbound } from './outbound-interface.ts'
import type { Platform } from './platform.ts'

/** The parts of a connection that control frames speak to. */
export interface ControlsHost {
  readonly platform: Platform
  readonly channels: Channels
  readonly outbound: Outbound
  readonly credentials: CredentialsKeeper | undefined
  generation(): number
  signal(signal: Signal): void
  say(frame: Frame | undefined): void
  onPong(): void
  /** Takes a greeting. Returns why the connection cannot go on with it, if it cannot. */
  greet(greeting: Greeting): UplinkError | undefined
  fault(error: UplinkError): void
  isOver(): boolean
}

/** More control frames than this a second (answers to our own messages not counted) are a flood. */
const FLOOD = 1_000

const WINDOW_MS = 1_000

/** Answers to what the client sent cannot be a flood: there are no more of them than there were questions. Refusals of channels count themselves. */
const ANSWER = /^(n?ack|(un)?subscribed|channelError)$/

/** Makes the handler of control frames. */
export function createControls(host: ControlsHost): (control: Control) => void {
  const { platform, channels, outbound, credentials } = host
  let since = -Infinity
  let count = 0

  function isFlood(): boolean {
    const now = platform.now()
    if (now - since >= WINDOW_MS) {
      since = now
      count = 0
    }
    if (++count === FLOOD + 1) {
      host.fault(new UplinkError('UPLINK_CONTROL_FLOOD', `more than ${FLOOD} control frames in a second; the rest of them is ignored`, { severity: 'warning' }))
    }
    return count > FLOOD
  }

  return (control) => {
    if (!ANSWER.test(control.kind) && isFlood()) return
    switch (control.kind) {
      case 'pong': return host.onPong()
      case 'ping': return host.say(control.reply)
      case 'greeting': {
        const { greeting } = control
        const error = greeting === undefined ? undefined : host.greet(greeting)
        credentials?.lasts(greeting?.expiresInMs ?? null)
        return host.signal(error === undefined ? { type: 'greeted', generation: host.generation() } : { type: 'denied', error })
      }
      case 'subscribed': return channels.confirmed(control.ref ?? control.channel, control.standing, host.isOver)
      case 'channelError': {
        const { channel } = control
        const error = new UplinkError('UPLINK_CHANNEL_REFUSED', `channel "${channel}": ${control.message} (${control.code})`, { channel })
        if (!channels.refused(control.ref ?? channel, error, control.retryable === true) && isFlood()) return
        return host.fault(error)
      }
      case 'ack': return outbound.acknowledged(control.id, control.data)
      case 'nack': return outbound.refused(control.id, control)
      case 'status': return outbound.told(control.unseen, control.running)
      case 'goodbye': return host.signal({ type: 'goodbye', generation: host.generation(), retryAfterMs: control.retryAfterMs })
      case 'authenticated': return credentials?.lasts(control.expiresInMs)
      case 'fault':
      case 'notice':
        if (control.kind === 'notice') {
          if (control.expiresInMs !== null) credentials?.lasts(control.expiresInMs)
          if (control.code !== 'degraded') return
        }
        return host.fault(new UplinkError('UPLINK_SERVER_FAULT', `${control.message} (${control.code})`, { severity: 'warning' }))
      case 'unsubscribed':
      // A batch is taken apart by the inbound path, before anything else sees it.
      case 'batch': return
      default: return control satisfies never
    }
  }
}
