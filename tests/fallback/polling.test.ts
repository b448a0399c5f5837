/** When channels are polled, how often, and when that ends. */
import { afterEach, describe, expect, it } from 'vitest'
import { uplink } from 'uplink/protocols/uplink'
import { GREETING } from '../engine/uplink-rig.ts'
import { type FallbackRig, type RigOptions, blocked, confirming, fallbackRig } from './support.ts'

let rigs: FallbackRig[] = []
function rig(options?: RigOptions, script = confirming): FallbackRig {
  const made = fallbackRig(options, script)
  rigs.push(made)
  return made
}
afterEach(async () => {
  for (const { connection, platform, pass } of rigs) {
    connection.destroy()
    await pass(0)
    expect([platform.clock.pending(), platform.listeners()], 'timers and listeners left').toEqual([0, 0])
  }
  rigs = []
})

/** A server that greets, and does nothing more. */
const greeting = {
  onDial: confirming.onDial,
  onSend: ((socket, frame) => { if (String(frame).includes('"hello"')) socket.receive(GREETING) }) satisfies typeof confirming.onSend,
} as typeof confirming

describe('a channel is polled', () => {
  it('two seconds (and a fifth at most) after the socket went missing, not before', async () => {
    const { connection, asked, pass } = rig({}, blocked)
    connection.channel('btc')
    void connection.connect()
    await pass(1_999)
    expect(asked).toHaveLength(0)
    await pass(401)
    expect(asked.map(({ channel }) => channel)).toEqual(['btc'])
  })

  it('at a moment within that fifth that chance decides, so that a fleet does not begin at once', async () => {
    const begins = new Set<number>()
    for (let seed = 1; seed <= 20; seed++) {
      const { connection, asked, pass } = rig({ seed }, blocked)
      connection.channel('btc')
      void connection.connect()
      await pass(2_401)
      begins.add(asked[0]?.at ?? -1)
    }
    expect(begins.size).toBeGreaterThan(15)
    expect(Math.max(...begins) - Math.min(...begins)).toBeGreaterThan(200)
  })

  it('not at all where the socket is back before', async () => {
    const { connection, server, asked, pass } = rig()
    connection.channel('btc')
    void connection.connect()
    await pass(100)
    server.socket().end()
    await pass(60_000)
    expect(server.sockets.length).toBe(2)
    expect(asked).toHaveLength(0)
  })

  it('at once where it is claimed in the middle of an outage', async () => {
    const { connection, asked, pass } = rig({}, blocked)
    void connection.connect()
    await pass(30_000)
    expect(asked).toHaveLength(0)
    connection.channel('btc', { depth: 5 })
    await pass(0)
    expect(asked[0]?.request).toMatchObject({ params: { depth: 5 }, position: null, since: null, validator: null, headers: {}, attempt: 0 })
  })

  it('as soon as it is older than staleAfter, although the socket is open, and until its next message', async () => {
    const { connection, server, asked, pass, log } = rig({ staleAfter: 3_000 })
    const lease = connection.channel('btc')
    void connection.connect()
    await pass(2_000)
    server.socket().receive({ type: 'tick', channel: 'btc', data: 1 })
    await pass(2_999)
    expect(asked).toHaveLength(0)
    await pass(1)
    expect(asked).toHaveLength(1)
    asked[0]?.answer({ data: 2 })
    await pass(0)
    expect(lease.snapshot()).toMatchObject({ status: 'live', source: 'fallback' })
    expect(connection.snapshot().delayed ?? null).toBeNull()
    await pass(5_000)
    expect(asked).toHaveLength(2)
    server.socket().receive({ type: 'tick', channel: 'btc', data: 3 })
    await pass(0)
    expect(asked[1]?.request.signal.aborted).toBe(true)
    expect(lease.snapshot().source ?? 'live').toBe('live')
    await pass(2_999)
    expect(asked).toHaveLength(2)
    expect(log).toEqual(['btc: fallback', 'btc: live'])
  })

  it('where the socket is open and a server that resumes does not answer for the channel', async () => {
    const { connection, asked, pass } = rig({ connection: { protocol: uplink() } }, greeting)
    connection.channel('btc')
    void connection.connect()
    await pass(1_999)
    expect(asked).toHaveLength(0)
    await pass(1)
    expect(asked).toHaveLength(1)
  })

  it('not where a server that need not confirm it has not', async () => {
    const { connection, asked, pass } = rig({}, { onDial: (socket) => socket.open() })
    connection.channel('btc')
    void connection.connect()
    await pass(60_000)
    expect(asked).toHaveLength(0)
  })

  it('not where the server has refused it', async () => {
    const { connection, asked, pass } = rig({ staleAfter: 1_000 }, {
      onDial: (socket) => socket.open(),
      onSend: (socket, frame) => { if (String(frame).includes('subscribe')) socket.receive({ type: 'error', channel: 'btc', data: { code: 'not_authorized' } }) },
    })
    connection.channel('btc')
    void connection.connect()
    await pass(60_000)
    expect(asked).toHaveLength(0)
  })

  it('not for a user who is not who they should be, though for one whom a server refuses for another reason', async () => {
    const asks = async (code: number): Promise<number> => {
      const { connection, asked, pass } = rig({}, { onDial: (socket) => { socket.open(); socket.end({ code }) } })
      connection.channel('btc')
      void connection.connect()
      await pass(10_000)
      return asked.length
    }
    expect(await asks(4401)).toBe(0)
    expect(await asks(4403)).toBe(1)
  })

  it('only where channels says so, and not where that throws', async () => {
    const { connection, asked, pass, log } = rig({ channels: (name) => { if (name === 'bad') throw new Error('no'); return name !== 'no' } }, blocked)
    for (const name of ['yes', 'no', 'bad']) connection.channel(name)
    void connection.connect()
    await pass(3_000)
    expect(asked.map(({ channel }) => channel)).toEqual(['yes'])
    expect(log).toContain('UPLINK_LISTENER_FAILED')
  })

  it('not before connect(), and not without users', async () => {
    const { connection, asked, pass } = rig({}, blocked)
    connection.channel('btc').release()
    await pass(60_000)
    expect(asked).toHaveLength(0)
    void connection.connect()
    await pass(60_000)
    expect(asked).toHaveLength(0)
  })
})

describe('what is polled', () => {
  it('is handed on as by the socket: to listeners of the channel and of the type, and to the event', async () => {
    const { connection, pass, log } = rig({ fetch: (channel) => ({ data: { price: 1 }, type: `${channel}.tick` }) }, blocked)
    const heard: unknown[] = []
    const lease = connection.channel('btc')
    lease.onMessage((data, { type, channel }) => heard.push(['channel', data, type, channel]))
    connection.subscribe('btc.*', (data) => heard.push(['type', data]))
    connection.on('message', ({ data }) => heard.push(['event', data]))
    void connection.connect()
    await pass(2_400)
    expect(heard).toEqual([['event', { price: 1 }], ['type', { price: 1 }], ['channel', { price: 1 }, 'btc.tick', 'btc']])
    expect(lease.snapshot()).toMatchObject({ status: 'waiting', source: 'fallback' })
    expect(lease.latest()?.data).toEqual({ price: 1 })
    expect(log).toContain('btc: fallback')
  })

  it('is told once for each message, though a listener throws, and the others hear it', async () => {
    const { connection, pass, log } = rig({ fetch: () => ({ messages: [{ data: 1 }, { data: 2 }] }) }, blocked)
    const heard: unknown[] = []
    const lease = connection.channel('btc')
    lease.onMessage(() => { throw new Error('mine') })
    lease.onMessage((data) => heard.push(data))
    void connection.connect()
    await pass(2_400)
    expect(heard).toEqual([1, 2])
    expect(log.filter((line) => line === 'UPLINK_LISTENER_FAILED')).toHaveLength(1)
  })
})

describe('polling ends', () => {
  const outage = async (options: RigOptions = {}) => {
    let open = false
    const made = rig(options, { ...confirming, onDial: (socket) => (open ? socket.open() : socket.end()) })
    const lease = made.connection.channel('btc')
    void made.connection.connect()
    await made.pass(2_400)
    return { ...made, lease, heal: () => { open = true } }
  }

  it('when the channel is live again: the request under way is aborted, and its answer heard by nobody', async () => {
    const { connection, lease, asked, heal, pass } = await outage()
    const heard: unknown[] = []
    lease.onMessage((data) => heard.push(data))
    heal()
    connection.reconnect()
    await pass(0)
    expect(asked[0]?.request.signal.aborted).toBe(true)
    asked[0]?.answer({ data: 'late' })
    await pass(60_000)
    expect(heard).toEqual([])
    expect(asked).toHaveLength(1)
    expect(lease.snapshot().status).toBe('live')
  })

  it.each([
    ['its last user has gone', ({ lease }: Awaited<ReturnType<typeof outage>>) => lease.release()],
    ['disconnect() is called', ({ connection }: Awaited<ReturnType<typeof outage>>) => connection.disconnect()],
    ['the user has signed out', ({ connection }: Awaited<ReturnType<typeof outage>>) => void connection.signedOut()],
    ['the connection is destroyed', ({ connection }: Awaited<ReturnType<typeof outage>>) => connection.destroy()],
    ['the page goes into the cache', ({ platform }: Awaited<ReturnType<typeof outage>>) => platform.fire('pagehide')],
  ])('when %s: the request under way is aborted, and none follows', async (_, end) => {
    const made = await outage()
    end(made)
    await made.pass(0)
    expect(made.asked.map(({ request }) => request.signal.aborted)).toEqual([true])
    await made.pass(50_000)
    expect(made.asked).toHaveLength(1)
  })

  it('and nothing is left behind by users who go after the connection was destroyed', async () => {
    const { connection, lease, platform, pass } = await outage()
    connection.destroy()
    lease.release()
    connection.channel('btc').release()
    await pass(0)
    expect(platform.clock.pending()).toBe(0)
  })

  it('and begins anew when the page comes back from the cache', async () => {
    const { platform, asked, pass } = await outage()
    platform.fire('pagehide')
    await pass(10_000)
    platform.fire('pageshow')
    await pass(500)
    expect(asked).toHaveLength(2)
  })

  it('not when one of two users has gone', async () => {
    const { connection, lease, asked, pass } = await outage()
    connection.channel('btc')
    lease.release()
    await pass(100)
    expect(asked.map(({ request }) => request.signal.aborted)).toEqual([false])
  })

  it('and a channel that is claimed again within the grace is polled again', async () => {
    const { connection, lease, asked, pass } = await outage()
    lease.release()
    const again = connection.channel('btc')
    const heard: unknown[] = []
    again.onMessage((data) => heard.push(data))
    await pass(0)
    asked[1]?.answer({ data: 7 })
    await pass(0)
    expect(heard).toEqual([7])
  })
})
