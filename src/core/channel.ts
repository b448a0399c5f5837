/**
 * The life of one channel, as a pure machine.
 *
 * - `idle`: nobody uses it.
 * - `waiting`: somebody does, and there is no connection yet, or no longer.
 * - `subscribing`: the server was asked.
 * - `catchingUp`: the server confirmed it, and what was missed is still coming.
 * - `live`: the server confirmed it, or sent data on it, and nothing is missing.
 * - `refused`: the server said no. A new connection asks again.
 */
export type ChannelStatus = 'idle' | 'waiting' | 'subscribing' | 'catchingUp' | 'live' | 'refused'

/** What can happen to a channel. `routed` stands for `asked` where the protocol has no subscribe message at all. */
export type ChannelSignal = 'leased' | 'left' | 'asked' | 'routed' | 'confirmed' | 'behind' | 'data' | 'refused' | 'lost'

/** The next status. A signal that does not fit changes nothing: late answers are harmless. */
export function channelStep(status: ChannelStatus, signal: ChannelSignal): ChannelStatus {
  const isJoined = status === 'subscribing' || status === 'catchingUp' || status === 'live'
  switch (signal) {
    case 'leased': return status === 'idle' ? 'waiting' : status
    case 'left': return 'idle'
    case 'asked': return status === 'idle' ? status : 'subscribing'
    case 'routed': return status === 'idle' ? status : 'live'
    case 'confirmed': return isJoined ? 'live' : status
    case 'behind': return isJoined ? 'catchingUp' : status
    case 'data': return status === 'subscribing' ? 'live' : status
    case 'refused': return isJoined ? 'refused' : status
    case 'lost': return status === 'idle' ? status : 'waiting'
    default: return signal satisfies never
  }
}
