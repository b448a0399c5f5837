/** The broker in memory keeps what every broker promises, and forgets what nobody uses. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Broker } from '../../../src/server/brokers/broker.ts'
import { type MemoryBrokerOptions, memoryBroker } from '../../../src/server/brokers/memory.ts'
import { bare, startServer } from '../runtime/support.ts'
import { brokerContract } from './contract.ts'
import { recorder } from './recorder.ts'

brokerContract('in memory', async () => {
  const brokers: Broker[] = []
  return {
    async node(events) {
      const broker = memoryBroker()
      brokers.push(broker)
      await broker.open(events)
      return broker
    },
    close: async () => void await Promise.all(brokers.map((broker) => broker.close())),
  }
}, { nodes: 1 })

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const KEEP = { history: { count: 10, size: 1e6, ageMs: 5 * MINUTE_MS } }
const RECOVERY = { count: 100, size: 1e6 }

describe('a stream in memory', () => {
  let skipped = 0
  const now = (): number => performance.now() + skipped
  const skip = (ms: number): void => {
    skipped += ms
    vi.advanceTimersByTime(MINUTE_MS)
  }

  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
  afterEach(() => void vi.useRealTimers())

  async function open(options: MemoryBrokerOptions = {}): Promise<Broker> {
    const broker = memoryBroker({ now, ...options })
    await broker.open(recorder())
    return broker
  }

  it('that nobody has used for a day is forgotten, and has another epoch when it is used again', async () => {
    const broker = await open()
    const before = await broker.publish('s', 's', { type: 't' }, KEEP)
    skip(DAY_MS - MINUTE_MS)
    expect(await broker.tops(['s'])).toEqual([before])
    // Its messages are gone long since: who has them all goes on, and who has not is told.
    expect(await broker.read('s', 's', before, 'stream', RECOVERY)).toMatchObject({ recovered: true, top: 1 })
    skip(DAY_MS + MINUTE_MS)
    expect(await broker.tops(['s'])).toEqual([null])
    expect(await broker.read('s', 's', before, 'stream', RECOVERY)).toMatchObject({ recovered: false, reason: 'epoch_changed', top: 0 })
    const after = await broker.publish('s', 's', { type: 't' }, KEEP)
    expect(after.offset).toBe(1)
    expect(after.epoch).not.toBe(before.epoch)
    await broker.close()
  })

  it('is not forgotten while it is followed, nor right after', async () => {
    const broker = await open()
    await broker.follow('s')
    const position = await broker.publish('s', 's', { type: 't' }, KEEP)
    skip(3 * DAY_MS)
    expect(await broker.tops(['s'])).toEqual([position])
    broker.unfollow('s')
    skip(HOUR_MS)
    expect(await broker.tops(['s'])).toEqual([position])
    skip(DAY_MS)
    expect(await broker.tops(['s'])).toEqual([null])
    await broker.close()
  })

  it('lives as long as its messages, where they live longer, and no longer than it is used, where they would live for ever', async () => {
    const broker = await open({ metaTtlMs: HOUR_MS })
    await broker.publish('long', 'c', { type: 't' }, { history: { ...KEEP.history, ageMs: 2 * DAY_MS } })
    await broker.publish('for ever', 'c', { type: 't' }, { history: { ...KEEP.history, ageMs: Infinity } })
    await broker.publish('none', 'c', { type: 't' }, { history: { count: 0, size: 0, ageMs: 0 } })
    skip(HOUR_MS - MINUTE_MS)
    expect((await broker.tops(['long', 'for ever', 'none'])).map((top) => top?.offset)).toEqual([1, 1, 1])
    skip(2 * MINUTE_MS)
    expect((await broker.tops(['long', 'for ever', 'none'])).map((top) => top?.offset)).toEqual([1, undefined, undefined])
    skip(2 * DAY_MS)
    expect(await broker.tops(['long'])).toEqual([null])
    await broker.close()
  })

  it('that is forgotten takes nothing along that a repeated publication needs', async () => {
    const broker = await open({ metaTtlMs: 0 })
    const first = await broker.publish('s', 's', { type: 't' }, { ...KEEP, idempotencyKey: 'k' })
    skip(9 * MINUTE_MS)
    expect(await broker.publish('s', 's', { type: 't' }, { ...KEEP, idempotencyKey: 'k' })).toEqual(first)
    expect(await broker.tops(['s'])).toEqual([first])
    await broker.close()
  })

  it('leaves nothing behind, however many there were', async () => {
    const broker = await open()
    for (let number = 0; number < 5_000; number++) await broker.publish(`s?${number}`, 's', { type: 't' }, KEEP)
    const names = Array.from({ length: 5_000 }, (_, number) => `s?${number}`)
    expect((await broker.tops(names)).filter((top) => top !== null)).toHaveLength(5_000)
    skip(DAY_MS + MINUTE_MS)
    expect((await broker.tops(names)).filter((top) => top !== null)).toEqual([])
    await broker.close()
  })

  it('that was forgotten is a gap for whoever comes back to it, and said aloud', async () => {
    const { server, url } = await startServer({ broker: memoryBroker({ now }) })
    const first = await bare(url)
    first.say({ type: 'subscribe', channels: ['news'] })
    await expect.poll(() => first.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed' })
    const { epoch, offset } = await server.publish('news', 1)
    await expect.poll(() => first.frames.at(-1)).toMatchObject({ offset: 1 })
    first.socket.close()
    // The node lets go of a stream some seconds after its last follower.
    await expect.poll(() => server.stats().connectedClients).toBe(0)
    await new Promise((resolve) => { setTimeout(resolve, 5_500) })
    skip(DAY_MS + MINUTE_MS)
    const second = await bare(url)
    second.say({ type: 'subscribe', channels: [{ channel: 'news', recover: { epoch, offset } }] })
    await expect.poll(() => second.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed', recovered: false, reason: 'epoch_changed', offset: 0 })
  }, 20_000)
})
