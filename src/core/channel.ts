/**
 * The life of one channel, as a pure machine.
 *
 * - `idle`: nobody uses it.
 * - `waiting`: somebody does, and there is no connection yet, or no longer.
 * - `subscribing`: the server was asked.
 * - `live`: the server confirmed it, or sent data on it.
 * - `refused`: the server said no. A new connection asks again.
 */
export type ChannelStatus = 'idle' | 'waiting' | 'subscribing' | 'live' | 'refused'

/** What can happen to a channel. `asked` carries whether the protocol has a subscribe message at all. */
export type ChannelSignal = 'leased' | 'left' | 'asked' | 'routed' | 'confirmed' | 'data' | 'refused' | 'lost'

/** The next status. A signal that does not fit changes nothing: late answers are harmless. */
export function channelStep(status: ChannelStatus, signal: ChannelSignal): ChannelStatus {
  switch (signal) {
    case 'leased': return status === 'idle' ? 'waiting' : status
    case 'left': return 'idle'
    case 'asked': return status === 'idle' ? status : 'subscribing'
    case 'routed': return status === 'idle' ? status : 'live'
    case 'confirmed':
    case 'data': return status === 'subscribing' ? 'live' : status
    case 'refused': return status === 'subscribing' || status === 'live' ? 'refused' : status
    case 'lost': return status === 'idle' ? status : 'waiting'
    default: return signal satisfies never
  }
}
