/** What a component that names a URL holds until its effect has run, and all that a server renders. */
import { UplinkError } from '../core/errors.ts'
import { type Uplink, createUplink } from './create-uplink.ts'

let inert: Uplink | undefined

/** One stable uplink that is idle for ever: it connects to nothing and refuses messages. */
export function inertUplink(): Uplink {
  if (inert !== undefined) return inert
  const idle = createUplink({ url: 'ws://inert.invalid' })
  const early = (): UplinkError => new UplinkError('UPLINK_DISCONNECTED', 'the component is not mounted yet; connect from an effect or an event handler')
  inert = {
    ...idle,
    connect() {
      const promise = Promise.reject(early())
      promise.catch(() => undefined)
      return promise
    },
    reconnect: () => undefined,
    send: () => ({ id: '', outcome: 'refused', reason: 'not_attached' }),
    sendWithAck: () => Promise.resolve({ acknowledged: false, outcome: 'dropped', id: '', error: early(), latencyMs: 0 }),
    lease: () => () => undefined,
  }
  return inert
}
