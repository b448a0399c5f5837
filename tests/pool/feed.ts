/** Plain servers without positions, as exchanges have them: every node sends each message to whoever follows its channel there. */
import type { Transport } from 'uplink/engine'
import { type FakePlatform, type ServerEnd, createSimulatedNetwork } from 'uplink/testing'

/** One node of a feed. */
export interface FeedNode {
  readonly url: string
  readonly network: ReturnType<typeof createSimulatedNetwork>
  accepted(): number
  open(): number
  /** Channels that are followed on each open socket. */
  channels(): readonly number[]
  /** Most channels that any socket ever had. */
  most(): number
}

/** A feed. */
export interface Feed {
  readonly urls: readonly string[]
  readonly nodes: readonly FeedNode[]
  readonly transport: Transport
  /** Sends one to all who follow; returns its number. */
  publish(channel: string): number
  /** What clients sent besides subscriptions and pings, by node. */
  readonly received: Array<{ readonly node: number; readonly type: string; readonly data: unknown }>
}

/** Options of a feed. */
export interface FeedOptions {
  /** Sockets are cut at this age. */
  readonly lifetime?: number
  /** Whether subscriptions are confirmed. @default true */
  readonly confirms?: boolean
}

/** Makes a feed of `count` nodes. */
export function createFeed(platform: FakePlatform, count: number, { lifetime = Infinity, confirms = true }: FeedOptions = {}): Feed {
  const numbers = new Map<string, number>()
  const received: Feed['received'] = []
  const followers = Array.from({ length: count }, () => new Map<ServerEnd, Set<string>>())
  const nodes = followers.map((ends, index): FeedNode => {
    let accepted = 0
    let most = 0
    const network = createSimulatedNetwork({
      clock: platform.clock, random: () => platform.random(),
      accept(end) {
        accepted++
        const followed = new Set<string>()
        ends.set(end, followed)
        if (lifetime !== Infinity) platform.clock.setTimer(() => end.close(1000, 'too old'), lifetime)
        return {
          frame(frame) {
            const message = JSON.parse(String(frame)) as { type: string; data?: unknown; channels?: Array<{ channel: string }> }
            if (message.type === 'ping') return end.send('{"type":"pong"}')
            if (message.type !== 'subscribe' && message.type !== 'unsubscribe') return void received.push({ node: index, type: message.type, data: message.data })
            for (const { channel } of message.channels ?? []) {
              if (message.type === 'unsubscribe') followed.delete(channel)
              else followed.add(channel)
              if (message.type === 'subscribe' && confirms) end.send(JSON.stringify({ type: 'subscription_confirmed', channel }))
            }
            most = Math.max(most, followed.size)
          },
          closed: () => void ends.delete(end),
        }
      },
    })
    return { url: `wss://f${index}.example.com/ws`, network, accepted: () => accepted, open: () => ends.size, channels: () => [...ends.values()].map(({ size }) => size), most: () => most }
  })
  return {
    nodes,
    received,
    urls: nodes.map(({ url }) => url),
    transport: (request, events) => (nodes.find(({ url }) => request.url.startsWith(url)) as FeedNode).network.transport(request, events),
    publish(channel) {
      const number = (numbers.get(channel) ?? 0) + 1
      numbers.set(channel, number)
      const text = JSON.stringify({ type: 'trade', channel, offset: number, data: { a: number } })
      for (const ends of followers) for (const [end, followed] of ends) if (followed.has(channel)) end.send(text)
      return number
    },
  }
}
