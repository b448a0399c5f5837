/** A protocol whose repeats are taken out before anybody hears them. */
import type { ClientProtocol } from '../engine/options.ts'
import type { Message } from '../protocol/message.ts'
import type { Control } from '../protocol/protocol.ts'

/** A message that means nothing to the engine. */
const NOTHING: Control = Object.freeze({ kind: 'batch', messages: Object.freeze([]) })

/**
 * The same protocol, except that messages which `admits` refuses never were. One that only `confirms` says that its
 * channel is served, for servers that say so in no other way.
 */
export function sifting(protocol: ClientProtocol, admits: (message: Message) => boolean | 'confirms'): ClientProtocol {
  function control(message: Message): ReturnType<NonNullable<ClientProtocol['control']>> {
    const meaning = protocol.control?.(message)
    if (meaning === undefined) {
      const verdict = admits(message)
      if (verdict === 'confirms') return { kind: 'subscribed', channel: message.channel as string }
      return verdict ? undefined : NOTHING
    }
    if (!('kind' in meaning) || meaning.kind !== 'batch') return meaning
    const served = new Set<string>()
    const messages = meaning.messages.filter((one) => {
      const verdict = admits(one)
      if (verdict === 'confirms') served.add(one.channel as string)
      return verdict === true
    })
    return [...[...served].map((channel) => ({ kind: 'subscribed' as const, channel })), { ...meaning, messages }]
  }

  // A protocol may be an object of a class, and what wraps it in turn may copy what is its own.
  return Object.assign(Object.create(protocol) as ClientProtocol, protocol, { control })
}
