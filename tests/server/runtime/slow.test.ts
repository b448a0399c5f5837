/** Clients that read slower than messages come: each costs its budget at most, and nothing is left out without a word. */
import { describe, expect, it } from 'vitest'
import { channel, everyone } from '../../../src/server/index.ts'
import { type Bare, GENEROUS, bare, startServer } from './support.ts'

const BUDGET = 262_144
const LIMITS = { limits: { ...GENEROUS, budgetBytes: BUDGET }, recovery: { count: 10_000, size: BUDGET / 4 }, history: { count: 100_000, size: 64 * 1_048_576, ageMs: 60_000 } }
const filler = 'x'.repeat(1_000)
const later = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

/** Every message, with what batches hold. */
const messagesOf = ({ frames }: Bare): Array<Record<string, unknown>> => frames.flatMap((frame) => (frame['type'] === 'batch' ? (frame['messages'] as Array<Record<string, unknown>>) : [frame]))

/** Publishes so much that no buffer of the machine holds it. */
async function flood(server: Awaited<ReturnType<typeof startServer>>['server'], name: string, count: number, keys = 0): Promise<void> {
  for (let number = 0; number < count; number++) {
    await server.publish(name, { number, filler }, keys === 0 ? {} : { key: `k${number % keys}` })
    if (number % 50 === 0) await later()
  }
}

/** The stretches that are not covered by any message. */
function holes(messages: ReadonlyArray<Record<string, unknown>>): Array<readonly [from: number, to: number]> {
  const found: Array<readonly [number, number]> = []
  let position = 0
  for (const { type, offset, from = offset } of messages as ReadonlyArray<{ type: string; offset?: number; from?: number }>) {
    if (offset === undefined || from === undefined || type === 'subscription_confirmed') continue
    if (from > position + 1) found.push([position + 1, from - 1])
    position = Math.max(position, offset)
  }
  return found
}

describe('a client that does not read', () => {
  it('is closed at its budget where nothing may be left out, and the memory it held is free', async () => {
    const { server, url } = await startServer({ ...LIMITS, history: { count: 10, size: 1e6, ageMs: 60_000 }, channels: [channel('orders', { subscribe: everyone })] })
    const reader = await bare(url)
    reader.say({ type: 'subscribe', channels: ['orders'] })
    await expect.poll(() => server.stats().channelStats['orders']).toBe(1)
    reader.socket.pause()
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    await flood(server, 'orders', 60_000)
    expect(server.stats().counters).toMatchObject({ slow: { closed: 1 }, closes: { 4413: 1 }, connectionsClosed: 1 })
    expect(server.stats().connectedClients).toBe(0)
    // 60 MB were published; what grew is the garbage of publishing, not what waits for the client.
    expect(process.memoryUsage().rss - before).toBeLessThan(120 * 1_048_576)
    reader.socket.resume()
    expect(await reader.closed).toEqual([4413, 'too slow to take what was sent'])
  }, 60_000)

  it('that missed more than is recovered at once is told so, and goes on', async () => {
    const { server, url } = await startServer({ ...LIMITS, channels: [channel('prices', { subscribe: everyone, slow: 'conflate' })] })
    const reader = await bare(url)
    reader.say({ type: 'subscribe', channels: ['prices'] })
    await expect.poll(() => server.stats().channelStats['prices']).toBe(1)
    reader.socket.pause()
    await flood(server, 'prices', 20_000, 10)
    expect(server.stats().counters.slow).toEqual({ conflate: 1 })
    reader.socket.resume()
    await expect.poll(() => messagesOf(reader).find(({ type, reason }) => type === 'subscription_confirmed' && reason !== undefined), { timeout: 10_000 }).toMatchObject({ recovered: false, reason: 'too_many', top: 20_000 })
    await server.publish('prices', 'after', { key: 'k0' })
    await expect.poll(() => messagesOf(reader).at(-1)).toMatchObject({ offset: 20_001, data: 'after' })
  }, 60_000)

  it('that is behind by less than is recovered at once gets the newest of every key, and nothing is missing', async () => {
    const { server, url } = await startServer({ ...LIMITS, limits: { ...GENEROUS, budgetBytes: 8 * 1_048_576 }, recovery: { count: 100_000, size: 2 * 1_048_576 }, channels: [channel('prices', { subscribe: everyone, slow: 'conflate' })] })
    const reader = await bare(url)
    reader.say({ type: 'subscribe', channels: ['prices'] })
    await expect.poll(() => server.stats().channelStats['prices']).toBe(1)
    reader.socket.pause()
    let published = 0
    // Until the server leaves messages out, and a little more.
    while (server.stats().counters.slow['conflate'] === undefined) {
      await flood(server, 'prices', 100, 10)
      published += 100
    }
    await flood(server, 'prices', 1_000, 10)
    published += 1_000
    reader.socket.resume()
    await expect.poll(() => messagesOf(reader).at(-1)?.['offset'], { timeout: 10_000 }).toBe(published)
    expect(holes(messagesOf(reader))).toEqual([])
    expect(messagesOf(reader).filter(({ offset }) => offset !== undefined).length).toBeLessThan(published - 900)
    expect(messagesOf(reader).slice(-10).map(({ data }) => (data as { number: number }).number % 10).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  }, 60_000)

  it('is told that something is missing where messages may be left out for good', async () => {
    const { server, url } = await startServer({ ...LIMITS, channels: [channel('logs', { subscribe: everyone, slow: 'drop' })] })
    const reader = await bare(url)
    reader.say({ type: 'subscribe', channels: ['logs'] })
    await expect.poll(() => server.stats().channelStats['logs']).toBe(1)
    reader.socket.pause()
    await flood(server, 'logs', 20_000)
    expect(server.stats().counters.slow).toEqual({ drop: 1 })
    reader.socket.resume()
    await expect.poll(() => messagesOf(reader).at(-1), { timeout: 10_000 }).toMatchObject({ type: 'subscription_confirmed', recovered: false, reason: 'too_slow', offset: 20_000, top: 20_000 })
    expect(holes(messagesOf(reader))).toEqual([])
    await server.publish('logs', 'after')
    await expect.poll(() => messagesOf(reader).at(-1)).toMatchObject({ offset: 20_001 })
  }, 60_000)
})

it('a client that asks for many channels at once is not taken for a slow one', async () => {
  const names = Array.from({ length: 100 }, (_, number) => `room.${number}`)
  const { server, url } = await startServer({ ...LIMITS, channels: [channel('room.{name:word}', { subscribe: everyone })] })
  const first = await bare(url)
  first.say({ type: 'subscribe', channels: names })
  await expect.poll(() => first.frames.length).toBe(101)
  const epochs = new Map(first.frames.slice(1).map(({ channel: name, epoch }) => [name, epoch]))
  for (const name of names) await flood(server, name, 50)
  const second = await bare(url)
  second.say({ type: 'subscribe', channels: names.map((name) => ({ channel: name, recover: { epoch: epochs.get(name), offset: 0 } })) })
  // 5 MB come back, twenty times what may wait for one client.
  await expect.poll(() => messagesOf(second).length, { timeout: 20_000 }).toBe(101)
  const following = second.frames.flatMap((frame) => (frame['messages'] as unknown[] | undefined) ?? [])
  expect(following).toHaveLength(5_000)
  expect(second.socket.readyState).toBe(second.socket.OPEN)
}, 60_000)
