/** The pace and the batches of requests, against a network that delays what it likes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRequests } from '../../../src/market/binance/requests.ts'

const names = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => `s${from + index}usdt@trade`)

interface Sent {
  readonly at: number
  readonly method: string
  readonly params: readonly string[]
  readonly id: number
}

/** What may leave now, all of it. */
function drain(requests: ReturnType<typeof createRequests>, at: number): Sent[] {
  const sent: Sent[] = []
  for (let text = requests.next(at); text !== undefined; text = requests.next(at)) sent.push({ ...{ params: [] }, ...(JSON.parse(text) as Sent), at })
  return sent
}

describe('requests', () => {
  it('go out in batches, as many as the pace allows, and leave a slot for a ping', () => {
    const requests = createRequests({ messagesPerSecond: 5, maxChannels: 1_024, given: [] })
    requests.want(names(0, 1_000))
    const sent = drain(requests, 0)
    expect(sent.map(({ params }) => params.length)).toEqual([200, 200, 200])
    requests.ask({ method: 'PING' })
    expect(drain(requests, 0).map(({ method }) => method)).toEqual(['PING'])
    requests.ask({ method: 'PING' })
    expect(drain(requests, 0)).toEqual([])
  })

  it('give their slots back a second after the answer, not after the sending', () => {
    const requests = createRequests({ messagesPerSecond: 2, maxChannels: 1_024, given: [] })
    requests.want(names(0, 400))
    expect(drain(requests, 0)).toHaveLength(1)
    expect(drain(requests, 5_000)).toEqual([])
    requests.answered(1, false, 5_000)
    expect(requests.readyAt(5_000)).toBe(6_000)
    expect(drain(requests, 5_999)).toEqual([])
    expect(drain(requests, 6_000)).toHaveLength(1)
  })

  it('ask for what is wanted at last, however often that has changed meanwhile', () => {
    const requests = createRequests({ messagesPerSecond: 5, maxChannels: 1_024, given: [] })
    requests.want(['a@trade'])
    drain(requests, 0)
    requests.unwant(['a@trade'])
    for (let turn = 0; turn < 50; turn++) {
      requests.want(['b@trade'])
      requests.unwant(['b@trade'])
    }
    requests.want(['c@trade'])
    requests.answered(1, false, 1)
    const [leave, join] = drain(requests, 2_000)
    expect([leave?.method, leave?.params, join?.method, join?.params]).toEqual(['UNSUBSCRIBE', ['a@trade'], 'SUBSCRIBE', ['c@trade']])
  })

  it('know what the venue sends already, and what is more than it allows', () => {
    const requests = createRequests({ messagesPerSecond: 5, maxChannels: 2, given: ['a@trade'] })
    expect(requests.want(['a@trade', 'b@trade', 'c@trade'])).toEqual({ held: ['a@trade'], tooMany: ['c@trade'] })
    expect(drain(requests, 0).map(({ params }) => params)).toEqual([['b@trade']])
    requests.unwant(['a@trade'])
    expect(drain(requests, 9)).toEqual([])
  })

  it('ask again in halves where a batch was refused, until the wrong name stands alone', () => {
    const requests = createRequests({ messagesPerSecond: 10, maxChannels: 1_024, given: [] })
    const all = names(0, 64)
    const wrong = all[37] as string
    requests.want(all)
    const refused: string[] = []
    const joined: string[] = []
    let asked = 0
    for (let now = 0; now < 60_000 && refused.length + joined.length < 64; now += 100) {
      for (const { id, params } of drain(requests, now)) {
        asked++
        const isRefused = params.includes(wrong)
        const answer = requests.answered(id, isRefused, now)
        if (answer?.retried === false) (isRefused ? refused : joined).push(...answer.streams)
      }
    }
    expect(refused).toEqual([wrong])
    expect(new Set(joined)).toEqual(new Set(all.filter((name) => name !== wrong)))
    expect(asked).toBeLessThan(16)
    expect(drain(requests, 70_000)).toEqual([])
  })

  it('are not starved by pings, however many are asked for', () => {
    const requests = createRequests({ messagesPerSecond: 5, maxChannels: 1_024, given: [] })
    const all = names(0, 1_000)
    requests.want(all)
    const joined = new Set<string>()
    const pings: number[] = []
    let now = 0
    for (; joined.size < 1_000 && now < 20_000; now += 50) {
      requests.ask({ method: 'PING' })
      for (const { id, method, params } of drain(requests, now)) {
        if (method === 'PING') pings.push(now)
        for (const name of params) joined.add(name)
        requests.answered(id, false, now)
      }
    }
    expect(joined.size).toBe(1_000)
    expect(now).toBeLessThan(3_000)
    expect(pings.every((at, index) => index === 0 || at - (pings[index - 1] as number) >= 1_000)).toBe(true)
  })

  it('take one that was never answered for lost, and ask again', () => {
    const requests = createRequests({ messagesPerSecond: 5, maxChannels: 1_024, given: [] })
    requests.want(['a@trade'])
    drain(requests, 0)
    expect(requests.readyAt(0)).toBe(10_000)
    expect(drain(requests, 9_999)).toEqual([])
    expect(drain(requests, 10_000).map(({ params }) => params)).toEqual([['a@trade']])
    expect(requests.answered(1, false, 10_001)).toBeUndefined()
  })

  it('take an error without an id for the answer to what has waited longest', () => {
    const requests = createRequests({ messagesPerSecond: 5, maxChannels: 1_024, given: [] })
    requests.ask({ method: 'PING' })
    drain(requests, 0)
    expect(requests.answered(null, false, 1)).toBeUndefined()
    expect(requests.answered(undefined, true, 1)?.request).toEqual({ method: 'PING' })
  })

  it('never arrive too fast, whatever the network delays and brings together, and end with what is wanted', () => {
    const step = fc.record({ waitMs: fc.integer({ min: 0, max: 900 }), from: fc.integer({ min: 0, max: 900 }), count: fc.integer({ min: 1, max: 400 }), join: fc.boolean(), ping: fc.boolean() })
    fc.assert(fc.property(
      fc.constantFrom(5, 10), fc.array(step, { minLength: 1, maxLength: 40 }), fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 50 }),
      (messagesPerSecond, steps, delays) => {
        const requests = createRequests({ messagesPerSecond, maxChannels: 1_024, given: [] })
        const wanted = new Set<string>()
        const venue = new Set<string>()
        const arrivals: number[] = []
        /** On the way to the venue, in order: a stall brings together what was sent apart. */
        let road: Sent[] = []
        let back: { readonly at: number; readonly id: number }[] = []
        let clear = 0
        let turn = 0
        let now = 0
        function pass(until: number): void {
          for (; now < until; now += 50) {
            for (const sent of drain(requests, now)) {
              clear = Math.max(clear, sent.at + (delays[turn++ % delays.length] as number))
              road.push({ ...sent, at: clear })
            }
            for (const { id, at, method, params } of road.filter((sent) => sent.at <= now)) {
              arrivals.push(at)
              for (const name of params) {
                if (method === 'SUBSCRIBE') venue.add(name)
                else venue.delete(name)
              }
              expect(venue.size).toBeLessThanOrEqual(1_024)
              back.push({ at: now + (delays[turn++ % delays.length] as number), id })
            }
            road = road.filter((sent) => sent.at > now)
            for (const { id } of back.filter(({ at }) => at <= now)) requests.answered(id, false, now)
            back = back.filter(({ at }) => at > now)
          }
        }
        for (const { waitMs, from, count, join, ping } of steps) {
          const list = names(from, count)
          if (join) {
            const { tooMany } = requests.want(list)
            for (const name of list) if (!tooMany.includes(name)) wanted.add(name)
          } else {
            requests.unwant(list)
            for (const name of list) wanted.delete(name)
          }
          if (ping) requests.ask({ method: 'PING' })
          pass(now + waitMs)
        }
        for (let halves = 0; halves < 240 && (road.length > 0 || back.length > 0 || requests.readyAt(now) !== Infinity); halves++) pass(now + 500)
        expect(venue).toEqual(wanted)
        // One message of every second is the venue's: a pong that answers its ping.
        for (const at of arrivals) expect(arrivals.filter((other) => other > at - 1_000 && other <= at).length).toBeLessThan(messagesPerSecond)
      },
    ), { numRuns: 30 })
  })
})
