/** How often is asked: one at a time, bounded, slower where it fails, where nobody looks and where there is no network. */
import { afterEach, describe, expect, it } from 'vitest'
import { type FallbackRig, type RigOptions, blocked, fallbackRig } from './support.ts'

let rigs: FallbackRig[] = []
afterEach(() => {
  for (const { connection } of rigs) connection.destroy()
  rigs = []
})

async function polling(options: RigOptions = {}, channels: readonly string[] = ['btc']): Promise<FallbackRig> {
  const made = fallbackRig({ probeInterval: Infinity, ...options }, blocked)
  rigs.push(made)
  for (const channel of channels) made.connection.channel(channel)
  void made.connection.connect()
  await made.pass(2_400)
  return made
}

describe('one channel', () => {
  it('has one request under way, however long it takes', async () => {
    const { asked, pass } = await polling({ timeout: 600_000 })
    await pass(300_000)
    expect(asked).toHaveLength(1)
  })

  it('is asked for again an interval after the end of a request, less a tenth at most', async () => {
    const { asked, platform, pass } = await polling()
    await pass(1_000)
    const waits: number[] = []
    for (let round = 0; round < 10; round++) {
      const ended = platform.now()
      asked.at(-1)?.answer({ data: round })
      await pass(5_001)
      waits.push((asked.at(-1)?.at ?? 0) - ended)
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(4_500)
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000)
    expect(new Set(waits).size).toBeGreaterThan(5)
  })

  it('is asked for later and later while requests fail, at least half of a cap that doubles up to maxInterval', async () => {
    const { asked, platform, pass } = await polling()
    const waits: number[] = []
    for (let round = 0; round < 8; round++) {
      const failed = platform.now()
      expect(asked.at(-1)?.request.attempt).toBe(round)
      asked.at(-1)?.fail(new Error('no'))
      for (const before = asked.length; asked.length === before;) await pass(100)
      waits.push((asked.at(-1)?.at ?? 0) - failed)
    }
    waits.forEach((wait, index) => {
      const cap = Math.min(60_000, 5_000 * 2 ** (index + 1))
      expect([wait >= cap / 2, wait <= cap], `wait ${index}: ${wait}`).toEqual([true, true])
    })
  })

  it('is asked for at its usual pace after one good answer', async () => {
    const { asked, pass, platform } = await polling()
    for (let round = 0; round < 3; round++) {
      asked.at(-1)?.fail(new Error('no'))
      await pass(60_000)
    }
    const ended = platform.now()
    asked.at(-1)?.answer(undefined)
    await pass(5_001)
    expect((asked.at(-1)?.at ?? 0) - ended).toBeLessThanOrEqual(5_000)
  })

  it('is left alone for as long as the server asks, in seconds or as a date', async () => {
    const { asked, pass, platform } = await polling()
    asked.at(-1)?.answer(new Response('slow down', { status: 429, headers: { 'retry-after': '120' } }))
    await pass(119_000)
    expect(asked).toHaveLength(1)
    await pass(1_001)
    expect(asked).toHaveLength(2)
    asked.at(-1)?.answer(new Response('', { status: 503, headers: { 'retry-after': new Date(platform.time() + 90_000).toUTCString() } }))
    await pass(88_000)
    expect(asked).toHaveLength(2)
    await pass(2_001)
    expect(asked).toHaveLength(3)
  })

  it('is asked for no more often than hiddenInterval while the page is hidden, and at once when it is seen', async () => {
    const { asked, pass, platform } = await polling()
    platform.fire('hidden')
    asked.at(-1)?.answer(undefined)
    await pass(29_000)
    expect(asked).toHaveLength(1)
    platform.fire('visible')
    await pass(500)
    expect(asked).toHaveLength(2)
  })

  it('is tried once a minute while the device says that it is offline, and at once when it says otherwise', async () => {
    const { asked, pass, platform } = await polling({ maxInterval: 5_000 })
    platform.fire('offline')
    asked.at(-1)?.fail(new TypeError('failed to fetch'))
    await pass(59_000)
    expect(asked).toHaveLength(1)
    await pass(1_001)
    expect(asked).toHaveLength(2)
    asked.at(-1)?.fail(new TypeError('failed to fetch'))
    await pass(0)
    platform.fire('online')
    await pass(500)
    expect(asked).toHaveLength(3)
  })
})

describe('many channels', () => {
  const names = Array.from({ length: 50 }, (_, index) => `c${index}`)

  it('have no more requests under way than concurrency allows, and each gets its turn', async () => {
    let now = 0
    let most = 0
    const seen = new Set<string>()
    const { pass } = await polling({
      concurrency: 4,
      fetch: (channel) => {
        most = Math.max(most, ++now)
        seen.add(channel)
        return new Promise((resolve) => { rigs[0]?.platform.setTimer(() => { now--; resolve({ data: 1 }) }, 50) })
      },
    }, names)
    await pass(5_000)
    expect(most).toBe(4)
    expect([...seen].toSorted()).toEqual(names.toSorted())
  })

  it('that wait longest come first', async () => {
    const { asked, pass } = await polling({ concurrency: 1, interval: 100 }, ['a', 'b', 'c'])
    const order: string[] = []
    for (let round = 0; round < 9; round++) {
      order.push(asked.at(-1)?.channel ?? '')
      asked.at(-1)?.answer(undefined)
      await pass(120)
    }
    expect(order.slice(0, 3).toSorted()).toEqual(['a', 'b', 'c'])
    expect(order.slice(3, 6).toSorted()).toEqual(['a', 'b', 'c'])
    expect(order.slice(6, 9).toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('are not held up by one that hangs and will not be aborted', async () => {
    const { asked, pass } = await polling({ concurrency: 1, timeout: 1_000 }, ['hangs', 'b'])
    expect(asked.map(({ channel }) => channel)).toEqual(['hangs'])
    await pass(1_000)
    expect(asked.map(({ channel }) => channel)).toEqual(['hangs', 'b'])
    expect(asked[0]?.request.signal.aborted).toBe(true)
  })
})
