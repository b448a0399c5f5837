/** Protocols without positions: the user says how messages are told apart, and nothing is heard twice or lost unsaid. */
import { afterEach, describe, expect, it } from 'vitest'
import { type ClientProtocol, type Message, json } from 'uplink/engine'
import { follow } from '../../src/core/position.ts'
import { type FallbackRig, type RigOptions, confirming, fallbackRig } from './support.ts'

let rigs: FallbackRig[] = []
afterEach(() => {
  for (const { connection } of rigs) connection.destroy()
  rigs = []
})

interface Trade { readonly id: number }
const byId: RigOptions = { keyOf: (data) => (data as Trade).id }
const byNumber: RigOptions = { positionOf: (data) => (data as Trade).id }

function trading(options: RigOptions, { open: startsOpen = true, confirms = true } = {}) {
  let open = startsOpen
  const made = fallbackRig({ probeInterval: Infinity, interval: 1_000, ...options }, { ...(confirms ? confirming : {}), onDial: (socket) => (open ? socket.open() : socket.end()) })
  rigs.push(made)
  const heard: unknown[] = []
  const types: unknown[] = []
  const lease = made.connection.channel('btc')
  lease.onMessage((data) => heard.push((data as Trade).id))
  lease.onGap(({ reason, from, to }) => heard.push(`${reason} ${from}-${to ?? ''}`))
  made.connection.subscribe('trade', (data) => types.push((data as Trade).id))
  void made.connection.connect()
  const trade = (id: number): void => made.server.socket().receive({ type: 'trade', channel: 'btc', data: { id } })
  const lose = async (): Promise<void> => {
    open = false
    made.server.socket().end()
    await made.pass(2_400)
  }
  const heal = async (): Promise<void> => {
    open = true
    made.connection.reconnect()
    await made.pass(0)
  }
  const list = (...ids: number[]) => ({ messages: ids.map((id) => ({ type: 'trade', data: { id } })) })
  const reply = async (answer: object, ms = 1_001): Promise<void> => {
    made.asked.at(-1)?.answer(answer)
    await made.pass(ms)
  }
  return { ...made, lease, heard, types, trade, lose, heal, list, reply }
}

describe.each([['keyOf', byId], ['positionOf', byNumber]] as const)('with %s', (_, options) => {
  it('nothing is heard twice, whichever way it came first, by channel and by type', async () => {
    const { pass, trade, lose, heal, list, reply, heard, types, connection } = trading(options)
    await pass(100)
    trade(1)
    trade(2)
    await lose()
    await reply(list(1, 2, 3, 4))
    await reply(list(3, 4, 5))
    await heal()
    await reply(list(4, 5, 6), 0)
    trade(5)
    trade(6)
    trade(7)
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(types).toEqual(heard)
    expect(connection.stats().fallback?.repeats).toBe(8)
  })

  it('one more request bridges the time until the socket speaks, and what that says waits for it', async () => {
    const { pass, trade, lose, heal, list, reply, heard, asked, lease } = trading(options)
    await pass(100)
    trade(1)
    await lose()
    await reply(list(1, 2))
    const before = asked.length
    await heal()
    expect(asked).toHaveLength(before + 1)
    expect(asked.at(-2)?.request.signal.aborted).toBe(true)
    trade(5)
    expect(heard).toEqual([1, 2])
    await reply(list(2, 3, 4, 5), 0)
    expect(heard).toEqual([1, 2, 3, 4, 5])
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: true, gap: null })
    expect(lease.snapshot().source ?? 'live').toBe('live')
    trade(6)
    await pass(60_000)
    expect(heard.at(-1)).toBe(6)
    expect(asked).toHaveLength(before + 1)
  })

  it.each([
    ['fails', (asked: FallbackRig['asked']) => asked.at(-1)?.fail(new Error('no')), 0],
    ['takes longer than two seconds', () => undefined, 2_000],
  ])('a gap is told where that request %s, before what the socket brought', async (__, end, ms) => {
    const { pass, trade, lose, heal, list, reply, heard, asked, lease, log } = trading(options)
    await pass(100)
    trade(1)
    await lose()
    await reply(list(1, 2))
    await heal()
    trade(5)
    end(asked)
    await pass(ms)
    const gap = options === byNumber ? 'unbridged 3-4' : 'unbridged 0-'
    expect(heard).toEqual([1, 2, gap, 5])
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: false, gap: { reason: 'unbridged' } })
    expect(log).toContain(`btc: ${gap}`)
  })

  it('a list that does not reach back to what is known left out some: a gap is told before it', async () => {
    const { pass, trade, lose, list, reply, heard } = trading(options)
    await pass(100)
    trade(1)
    await lose()
    await reply(list(5, 6))
    expect(heard).toEqual([1, options === byNumber ? 'hole 2-4' : 'hole 0-', 5, 6])
  })

  it('unless it says that it is complete, or is the state of the channel', async () => {
    const { pass, trade, lose, list, reply, heard } = trading(options)
    await pass(100)
    trade(1)
    await lose()
    await reply({ ...list(5), complete: true })
    await reply({ data: { id: 9 } })
    expect(heard).toEqual([1, 5, 9])
  })

  it('what waits is bounded: after a thousand messages it is handed on, and the gap told', async () => {
    const { pass, trade, lose, heal, list, reply, heard } = trading(options)
    await pass(100)
    trade(1)
    await lose()
    await reply(list(1, 2))
    await heal()
    for (let id = 10; id < 1_020; id++) trade(id)
    expect(heard.slice(0, 2)).toEqual([1, 2])
    expect(heard[2]).toMatch(/unbridged/)
    expect(heard.slice(3)).toEqual(Array.from({ length: 1_010 }, (__, index) => index + 10))
  })

  it('a server that confirms nothing is bridged from its first message on', async () => {
    const { pass, trade, lose, heal, list, reply, heard, asked, lease } = trading(options, { confirms: false })
    await pass(100)
    trade(1)
    await lose()
    await reply(list(1, 2))
    await heal()
    const before = asked.length
    trade(5)
    await pass(0)
    expect(heard).toEqual([1, 2])
    expect(asked).toHaveLength(before + 1)
    trade(6)
    await reply(list(2, 3, 4, 5), 0)
    trade(7)
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: true, gap: null })
  })

  it('a batch that is the first sign of its channels waits for the bridge with them, and what is in it for others does not', async () => {
    const plain = json()
    const protocol: ClientProtocol = { ...plain, control: (message) => (message.type === 'many' ? { kind: 'batch', messages: message.data as Message[] } : plain.control?.(message)) }
    const { server, connection, pass, trade, lose, heal, list, asked, heard } = trading({ ...options, connection: { protocol } }, { confirms: false })
    const eth: unknown[] = []
    connection.channel('eth').onMessage((data) => eth.push((data as Trade).id))
    const many = (...parts: Array<[string, number]>): void => server.socket().receive({ type: 'many', data: parts.map(([channel, id]) => ({ type: 'trade', channel, data: { id } })) })
    await pass(100)
    many(['btc', 1], ['eth', 1])
    await lose()
    for (const { answer } of asked) answer(list(1, 2))
    await pass(1_001)
    await heal()
    many(['btc', 5], ['btc', 6], ['gone', 1])
    await pass(0)
    expect(heard).toEqual([1, 2])
    trade(7)
    for (const { channel, answer } of asked) if (channel === 'btc') answer(list(2, 3, 4, 5))
    await pass(0)
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7])
    // One channel flows already, the other has its first sign in the same batch.
    many(['btc', 8], ['eth', 3])
    await pass(0)
    expect([heard.at(-1), eth]).toEqual([8, [1, 2]])
    asked.findLast(({ channel }) => channel === 'eth')?.answer(list(2, 3))
    await pass(0)
    many(['eth', 4])
    expect(eth).toEqual([1, 2, 3, 4])
  })

  it('a loss too short for polling is called recovered as soon as it was bridged', async () => {
    const { server, pass, trade, list, reply, asked, lease } = trading({ ...options, connection: { reconnectInterval: 100 } })
    const told: unknown[] = []
    lease.onStatus(({ recovered }) => told.push(recovered))
    await pass(100)
    trade(1)
    server.socket().end()
    await pass(1_000)
    expect([asked.length, lease.snapshot().recovered]).toEqual([1, null])
    await reply(list(1, 2), 0)
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: true, gap: null })
    expect(told.at(-1)).toBe(true)
  })

  it('a newer hole of the socket\'s own is shown, and not what the outage before it cost', async () => {
    const { server, pass, lose, heal, list, reply, lease } = trading({ ...options, connection: { protocol: { ...json(), follow } } })
    const say = (id: number): void => server.socket().receive({ type: 'trade', channel: 'btc', data: { id }, offset: id })
    await pass(100)
    say(1)
    await lose()
    await reply(list(1, 2))
    await heal()
    await reply(list(2, 3), 0)
    say(4)
    expect(lease.snapshot()).toMatchObject({ recovered: true, gap: null })
    say(9)
    expect(lease.snapshot()).toMatchObject({ recovered: false, gap: { reason: 'hole', from: 5, to: 8 } })
    // A later outage, whose end nobody bridges, is the newest loss in turn.
    await lose()
    await heal()
    await pass(3_000)
    expect(lease.snapshot()).toMatchObject({ recovered: false, gap: { reason: 'unbridged' } })
    say(20)
    say(30)
    expect(lease.snapshot().gap).toMatchObject({ from: 21, to: 29 })
  })

  it('a socket that goes again while it is bridged loses nothing of what it brought', async () => {
    const { pass, trade, lose, heal, list, reply, heard } = trading(options)
    await pass(100)
    trade(1)
    await lose()
    await reply(list(1, 2))
    await heal()
    trade(5)
    await lose()
    expect(heard).toEqual([1, 2, options === byNumber ? 'unbridged 3-4' : 'unbridged 0-', 5])
    await reply(list(5, 6))
    expect(heard.slice(4)).toEqual([6])
  })
})

describe('without either', () => {
  it('polled states are shown, the socket is not waited for, and nobody claims to know what was lost', async () => {
    const { pass, trade, lose, heal, reply, heard, asked, lease } = trading({})
    await pass(100)
    trade(1)
    await lose()
    await reply({ data: { id: 2 } })
    const before = asked.length
    await heal()
    trade(2)
    await pass(10_000)
    expect(heard).toEqual([1, 2, 2])
    expect(asked).toHaveLength(before)
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: null, gap: null })
  })
})

it('keyOf that throws is reported, and costs nobody a message', async () => {
  const { pass, trade, log, heard } = trading({ keyOf: () => { throw new Error('mine') } })
  await pass(100)
  trade(1)
  trade(2)
  expect(heard).toEqual([1, 2])
  expect(log).toContain('UPLINK_LISTENER_FAILED')
})

it('positionOf is asked with since', async () => {
  const { pass, trade, lose, asked } = trading(byNumber)
  await pass(100)
  trade(41)
  await lose()
  expect(asked.at(-1)?.request.since).toBe(41)
})
