/** A stream that is begun anew while a hole in it is being mended: it is said at once, in its place, and nothing older comes after it. */
import { describe, expect, it } from 'vitest'
import { memoryBroker } from '../../../src/server/brokers/memory.ts'
import type { Broker, BrokerEvents } from '../../../src/server/brokers/broker.ts'
import type { HubInput } from '../../../src/server/effects.ts'
import { systemClock } from '../../../src/server/runtime/clock.ts'
import { type Feed, createFeed } from '../../../src/server/runtime/feed.ts'
import type { Entry, History } from '../../../src/server/stream.ts'
import { bare, startServer } from './support.ts'

const entry = (offset: number): Entry => ({ from: offset, offset, text: `{"offset":${offset},"type":"t"}` })
const history = (epoch: string, top: number, entries: readonly Entry[], recovered = true): History => ({ epoch, top, recovered, entries, ...(recovered ? {} : { reason: 'epoch_changed' as const }) })

interface Rig {
  readonly feed: Feed
  /** What the hub was told: `e1:3` is a message, `reset e2` a stream begun anew. */
  readonly told: string[]
  /** Answers the oldest read that waits. */
  answer(history: History | null): Promise<void>
}

function rig(): Rig {
  const told: string[] = []
  const reads: Array<{ resolve(history: History): void; reject(error: Error): void }> = []
  const tell = (input: HubInput): void => {
    if (input.type === 'published') for (const { offset } of input.entries) told.push(`${input.epoch}:${offset}`)
    else if (input.type === 'reset') told.push(`reset ${input.epoch}`)
    else told.push(input.type)
  }
  const feed = createFeed('s', { throttleMs: 0, batchMs: 0 }, {
    clock: { ...systemClock, soon: (run) => run() }, tell, sent: () => undefined, repaired: () => undefined,
    read: () => new Promise((resolve, reject) => { reads.push({ resolve, reject }) }),
  })
  return {
    feed, told,
    async answer(answered) {
      const read = reads.shift()
      if (answered === null) read?.reject(new Error('away'))
      else read?.resolve(answered)
      await new Promise((resolve) => { setImmediate(resolve) })
    },
  }
}

describe('a feed that is begun anew while it mends', () => {
  function mending(): Rig {
    const made = rig()
    made.feed.begin({ epoch: 'e1', offset: 1 })
    made.feed.published('e1', entry(3), 1)
    return made
  }

  it('says so when the hole is mended, after what was before it', async () => {
    const { feed, told, answer } = mending()
    feed.published('e1', entry(4), 1)
    feed.reset('e2')
    await answer(history('e1', 3, [entry(2), entry(3)]))
    expect(told).toEqual(['e1:2', 'e1:3', 'e1:4', 'reset e2'])
  })

  it('says so once where the history knows of it already, and lets nothing older follow', async () => {
    const { feed, told, answer } = mending()
    feed.published('e1', entry(4), 1)
    feed.reset('e2')
    feed.published('e2', entry(1), 1)
    feed.published('e2', entry(2), 1)
    await answer(history('e2', 1, [], false))
    expect(told).toEqual(['reset e2', 'e2:2'])
  })

  it('lets nothing older follow where the news of it was lost', async () => {
    const { feed, told, answer } = mending()
    feed.published('e1', entry(4), 1)
    await answer(history('e2', 5, [], false))
    feed.published('e2', entry(6), 1)
    expect(told).toEqual(['reset e2', 'e2:6'])
  })

  it('says so where it happens twice', async () => {
    const { feed, told, answer } = mending()
    feed.reset('e2')
    feed.published('e2', entry(1), 1)
    feed.reset('e3')
    feed.published('e3', entry(1), 1)
    await answer(history('e2', 1, [], false))
    expect(told).toEqual(['reset e2', 'reset e3', 'e3:1'])
  })

  it('says so however much is held back', async () => {
    const { feed, told, answer } = mending()
    for (let offset = 4; offset <= 11_000; offset++) feed.published('e1', entry(offset), 1)
    feed.reset('e2')
    await answer(history('e1', 3, [entry(2), entry(3)]))
    expect(told).toEqual(['e1:2', 'e1:3', 'reset e2'])
  })

  it('says so before it has begun', async () => {
    const { feed, told } = rig()
    feed.published('e1', entry(7), 1)
    feed.reset('e2')
    feed.published('e2', entry(1), 1)
    feed.begin({ epoch: 'e2', offset: 0 })
    expect(told).toEqual(['e2:1'])
    const unknown = rig()
    unknown.feed.reset('e1')
    unknown.feed.published('e1', entry(1), 1)
    unknown.feed.begin(null)
    expect(unknown.told).toEqual(['e1:1'])
  })
})

it('followers hear of a stream that is begun anew while a message is fetched that the broker lost', async () => {
  const inner = memoryBroker()
  let events: BrokerEvents | undefined
  let lost = 0
  let release: (() => void) | undefined
  let isHeld = false
  // A broker that loses one message on its way, and takes its time to read.
  const broker: Broker = {
    ...inner, name: 'slow',
    open: (told) => inner.open(events = { ...told, published: (...what) => { if (lost-- !== 1) told.published(...what) } }),
    async read(...what) {
      const read = await inner.read(...what)
      if (isHeld) await new Promise<void>((resolve) => { release = resolve })
      return read
    },
  }
  const { server, url } = await startServer({ broker, verifyIntervalMs: 600_000 })
  const socket = await bare(url)
  socket.say({ type: 'subscribe', channels: ['news'] })
  await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed' })
  expect(events).toBeDefined()
  isHeld = true
  lost = 1
  await server.publish('news', 'lost')
  await server.publish('news', 'after')
  await expect.poll(() => release).toBeDefined()
  await server.reset('news')
  isHeld = false
  release?.()
  await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed', recovered: false, reason: 'epoch_changed', offset: 0 })
  await server.publish('news', 'anew')
  await expect.poll(() => socket.frames.at(-1)).toMatchObject({ data: 'anew', offset: 1 })
})
