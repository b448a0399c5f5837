/** Whatever happens to socket, requests, page and users: nothing twice, nothing lost unsaid, one request a channel, and in the end live. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConnectionOptions, createConnection } from 'uplink/engine'
import { type PollAnswer, type PollOptions, poll } from 'uplink/fallback'
import { uplink } from 'uplink/protocols/uplink'
import { type ScriptedSocket, createFakePlatform, scriptedTransport } from 'uplink/testing'
import { GREETING } from '../engine/uplink-rig.ts'

/** What can happen, and how much time passes after it. */
const events = fc.array(fc.record({
  what: fc.constantFrom('publish', 'publish', 'publish', 'publish3', 'drop', 'block', 'unblock', 'rest down', 'rest up', 'rest hangs', 'hide', 'show', 'offline', 'online', 'restart', 'reclaim'),
  ms: fc.constantFrom(0, 20, 300, 2_500, 6_000),
}), { minLength: 1, maxLength: 40 })

/** A server: a history of numbers, whose tail the socket recovers and REST gives, each so many. */
function world(resumes: boolean, restKeeps: number, options: Partial<PollOptions>, confirms = true) {
  const platform = createFakePlatform()
  let epoch = 1
  let history: number[] = []
  let published = 0
  let blocked = false
  let rest: 'up' | 'down' | 'hangs' = 'up'
  let socket: ScriptedSocket | undefined
  let subscribed = false
  const under = new Map<string, number>()
  let mostUnder = 0
  const offset = (): number => history.length

  function frame(index: number): object {
    return { type: 't', channel: 'c', data: history[index], ...(resumes ? { offset: index + 1 } : {}) }
  }

  const server = scriptedTransport({
    onDial: (dialed) => {
      socket = dialed
      subscribed = false
      if (blocked) dialed.end()
      else dialed.open()
    },
    onSend: (from, raw) => {
      const message = JSON.parse(String(raw)) as { type: string; channels?: Array<{ recover?: { epoch: string; offset: number } }> }
      if (message.type === 'hello') from.receive(GREETING)
      const [request] = message.type === 'subscribe' ? (message.channels ?? []) : []
      if (message.type === 'unsubscribe') subscribed = false
      if (request === undefined) return
      subscribed = true
      if (!resumes) return confirms ? from.receive({ type: 'subscription_confirmed', channel: 'c' }) : undefined
      const { recover } = request
      const same = recover?.epoch === `E${epoch}`
      const start = same ? recover.offset : offset()
      return from.receive({
        type: 'subscription_confirmed', channel: 'c', stream: 'c', epoch: `E${epoch}`, offset: start, top: offset(), recovered: same,
        ...(recover !== undefined && !same ? { reason: 'epoch_changed' } : {}),
        messages: history.slice(start).map((_, index) => frame(start + index)),
      })
    },
  })

  const answer = (since: number): PollAnswer => {
    const first = Math.max(resumes ? since : 0, offset() - restKeeps)
    const messages = history.slice(first).map((data, index) => ({ data, ...(resumes ? { offset: first + index + 1 } : {}) }))
    return { messages, ...(resumes ? { position: { epoch: `E${epoch}`, offset: offset() } } : {}) }
  }

  const fetch: PollOptions['fetch'] = (channel, { signal, position }) => {
    under.set(channel, (under.get(channel) ?? 0) + 1)
    mostUnder = Math.max(mostUnder, under.get(channel) ?? 0)
    const over = (): void => { under.set(channel, (under.get(channel) ?? 0) - 1) }
    return new Promise((resolve, reject) => {
      let isOver = false
      const end = (run: () => void): void => {
        if (isOver) return
        isOver = true
        over()
        run()
      }
      signal.addEventListener('abort', () => end(() => reject(new Error('aborted'))))
      if (rest === 'hangs') return
      platform.setTimer(() => end(() => (rest === 'down' ? reject(new Error('down')) : resolve(answer(position?.epoch === `E${epoch}` ? position.offset : 0)))), 30)
    })
  }
  const protocol: Partial<ConnectionOptions> = resumes ? { protocol: uplink() } : {}
  const connection = poll({ fetch, interval: 1_000, timeout: 3_000, maxInterval: 8_000, ...options })
    .over(createConnection, { url: 'wss://test', platform, transport: server.transport, heartbeat: false, ...protocol })
  const heard: number[] = []
  const gaps: Array<readonly [heard: number, reason: string]> = []
  const claim = () => {
    const lease = connection.channel('c')
    lease.onMessage((data) => heard.push(data as number))
    lease.onGap(({ reason }) => gaps.push([heard.length, reason]))
    return lease
  }
  let lease = claim()

  function publish(): void {
    history.push(++published)
    if (subscribed && socket?.closed === undefined) socket?.receive(frame(history.length - 1))
  }

  function happen(what: string): void {
    switch (what) {
      case 'publish': return publish()
      case 'publish3': return [1, 2, 3].forEach(publish)
      case 'drop':
      case 'block':
        if (what === 'block') blocked = true
        subscribed = false
        return socket?.end()
      case 'unblock': { blocked = false; return }
      case 'rest down': { rest = 'down'; return }
      case 'rest up': { rest = 'up'; return }
      case 'rest hangs': { rest = 'hangs'; return }
      case 'hide': return platform.fire('hidden')
      case 'show': return platform.fire('visible')
      case 'offline': return platform.fire('offline')
      case 'online': return platform.fire('online')
      case 'restart':
        if (!resumes) return
        epoch++
        history = []
        subscribed = false
        return socket?.end()
      default: {
        const next = claim()
        lease.release()
        lease = next
      }
    }
  }

  return { platform, connection, heard, gaps, happen, lease: () => lease, mostUnder: () => mostUnder, published: () => published, pass: (ms: number) => platform.clock.advanceAsync(ms) }
}

async function run(made: ReturnType<typeof world>, steps: ReadonlyArray<{ readonly what: string; readonly ms: number }>): Promise<void> {
  void made.connection.connect()
  await made.pass(100)
  for (const { what, ms } of steps) {
    made.happen(what)
    await made.pass(ms)
    expect(made.mostUnder(), 'requests under way for one channel').toBeLessThanOrEqual(1)
  }
  // A calm period in which all must heal.
  for (const what of ['unblock', 'rest up', 'show', 'online']) made.happen(what)
  await made.pass(70_000)
  made.happen('publish')
  await made.pass(3_000)
}

function inOrder(heard: readonly number[]): void {
  const repeated = heard.filter((value, index) => index > 0 && value <= (heard[index - 1] ?? 0))
  expect(repeated, `heard twice or out of order in ${heard.join(' ')}`).toEqual([])
}

/** Where something is missing, a gap was told between what came before and what came after. */
function saidWhatIsMissing({ heard, gaps }: ReturnType<typeof world>, first: number): void {
  let before = first
  heard.forEach((value, index) => {
    if (value !== before + 1) expect(gaps.map(([at]) => at), `${before + 1}..${value - 1} is missing before ${value}, and no gap was told there; heard ${heard.join(' ')}`).toContain(index)
    before = value
  })
}

const runs = { numRuns: 60 }

describe('over random outages', () => {
  it('with positions nothing is heard twice, nothing that polls or resume bring is lost, and what is lost is told', async () => {
    await fc.assert(fc.asyncProperty(events, fc.constantFrom(3, 1_000), async (steps, restKeeps) => {
      const made = world(true, restKeeps, {})
      await run(made, steps)
      inOrder(made.heard)
      saidWhatIsMissing(made, (made.heard[0] ?? 1) - 1)
      expect(made.heard.at(-1)).toBe(made.published())
      expect(made.lease().snapshot().status).toBe('live')
      expect(made.lease().snapshot().source ?? 'live').toBe('live')
      // REST and socket keep everything: only a server that has begun anew loses something.
      if (restKeeps === 1_000 && !steps.some(({ what }) => what === 'restart')) expect(made.gaps).toEqual([])
      made.connection.destroy()
      await made.pass(0)
      expect(made.platform.clock.pending()).toBe(0)
    }), runs)
  }, 60_000)

  it.each([
    ['keyOf', { keyOf: (data: unknown) => data as number }], ['positionOf', { positionOf: (data: unknown) => data as number }],
  ])('with %s nothing is heard twice, and what is lost is told', async (_, options) => {
    await fc.assert(fc.asyncProperty(events, fc.constantFrom(3, 1_000), fc.boolean(), async (steps, restKeeps, confirms) => {
      const made = world(false, restKeeps, options, confirms)
      await run(made, steps)
      inOrder(made.heard)
      saidWhatIsMissing(made, (made.heard[0] ?? 1) - 1)
      expect(made.heard.at(-1)).toBe(made.published())
      expect(made.lease().snapshot()).toMatchObject({ status: 'live' })
      expect(made.lease().snapshot().source ?? 'live').toBe('live')
      made.connection.destroy()
      await made.pass(0)
      expect(made.platform.clock.pending()).toBe(0)
    }), runs)
  }, 60_000)
})
