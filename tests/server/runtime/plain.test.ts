/** Plain clients of a real server hear every message once, from the place where they joined. */
import { expect, it } from 'vitest'
import { channel, everyone } from '../../../src/server/index.ts'
import { GENEROUS, bare, startServer } from './support.ts'

interface Confirmed {
  readonly offset: number
  readonly epoch: string
  readonly messages?: ReadonlyArray<{ readonly offset: number }>
}

it('a plain client that joins while messages wait to be sent is not told twice what it was given', async () => {
  const { server, url } = await startServer({ channels: [channel('news', { subscribe: everyone, batchMs: 60 })], limits: GENEROUS })
  const early = await bare(url)
  early.say({ type: 'subscribe', channels: ['news'] })
  await expect.poll(() => early.frames.length).toBe(2)
  const { epoch } = await server.publish('news', 1)
  await server.publish('news', 2)
  const late = await bare(url)
  late.say({ type: 'subscribe', channels: [{ channel: 'news', recover: { epoch, offset: 0 } }] })
  await expect.poll(() => early.frames.length).toBe(4)
  await server.publish('news', 3)
  await expect.poll(() => early.frames.length).toBe(5)
  expect(late.frames.slice(1)).toMatchObject([{ type: 'subscription_confirmed', messages: [{ offset: 1 }, { offset: 2 }] }, { offset: 3 }])
})

it.each([['as it comes', {}], ['in batches', { batchMs: 5 }]])('plain clients that join at any time hear every message once and in order, where they are sent %s', async (_, how) => {
  const { server, url } = await startServer({ channels: [channel('news', { subscribe: everyone, ...how })], limits: GENEROUS })
  const over = new AbortController()
  const publishing = (async () => {
    for (let number = 1; !over.signal.aborted; number++) {
      await server.publish('news', number)
      if (number % 4 === 0) await new Promise((resolve) => { setTimeout(resolve, 1) })
    }
  })()
  const clients = await Promise.all(Array.from({ length: 30 }, async (__, index) => {
    await new Promise((resolve) => { setTimeout(resolve, index * 10) })
    const plain = await bare(url)
    plain.say({ type: 'subscribe', channels: ['news'] })
    return plain
  }))
  await new Promise((resolve) => { setTimeout(resolve, 100) })
  over.abort()
  await publishing
  const { offset: top } = await server.publish('news', 'last')
  for (const { frames } of clients) {
    await expect.poll(() => frames.at(-1)).toMatchObject({ offset: top })
    const confirmed = frames.find(({ type }) => type === 'subscription_confirmed') as unknown as Confirmed
    const heard = frames.filter(({ type }) => type === 'news').map(({ offset }) => offset)
    expect(heard).toEqual(Array.from({ length: top - confirmed.offset }, (__, index) => confirmed.offset + 1 + index))
  }
})
