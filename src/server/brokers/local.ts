/** Two brokers as one: channels that belong to one node stay in its memory, whatever becomes of the other broker. */
import type { Position } from '../../protocol/message.ts'
import type { Broker } from './broker.ts'
import { memoryBroker } from './memory.ts'

/** Puts the streams that `isLocal` names into memory, and everything else behind a broker. */
export function withLocalChannels(broker: Broker, isLocal: (stream: string) => boolean): Broker {
  if (broker.name === 'memory') return broker
  const local = memoryBroker()
  const of = (stream: string): Broker => (isLocal(stream) ? local : broker)
  return {
    name: broker.name,
    results: broker.results,
    async open(events) {
      await local.open(events)
      await broker.open(events)
    },
    publish: (stream, ...rest) => of(stream).publish(stream, ...rest),
    follow: (stream) => of(stream).follow(stream),
    unfollow: (stream) => of(stream).unfollow(stream),
    read: (stream, ...rest) => of(stream).read(stream, ...rest),
    async tops(streams) {
      const shared = streams.filter((stream) => !isLocal(stream))
      const positions = new Map<string, Position | null>()
      for (const [index, position] of (shared.length === 0 ? [] : await broker.tops(shared)).entries()) positions.set(shared[index] as string, position)
      const own = await local.tops(streams)
      return streams.map((stream, index) => (isLocal(stream) ? (own[index] ?? null) : (positions.get(stream) ?? null)))
    },
    page: (stream, ...rest) => of(stream).page(stream, ...rest),
    reset: (stream, channel) => of(stream).reset(stream, channel),
    tell: (notice) => broker.tell(notice),
    probe: () => broker.probe(),
    async close() {
      await local.close()
      await broker.close()
    },
  }
}
