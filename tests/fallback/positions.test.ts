/** Positions: nothing twice and no hole unsaid, with a protocol that resumes. */
import { afterEach, describe, expect, it } from 'vitest'
import type { PolledMessage } from 'uplink/fallback'
import { uplink } from 'uplink/protocols/uplink'
import { GREETING } from '../engine/uplink-rig.ts'
import { type FallbackRig, fallbackRig } from './support.ts'

let rigs: FallbackRig[] = []
afterEach(() => {
  for (const { connection } of rigs) connection.destroy()
  rigs = []
})

/** A connection that speaks uplink.v1, whose server opens while `open` says so; its confirmations are the test's. */
function resuming({ open: startsOpen = true } = {}) {
  let open = startsOpen
  const made = fallbackRig({ probeInterval: Infinity, interval: 1_000, connection: { protocol: uplink() } }, {
    onDial: (socket) => (open ? socket.open() : socket.end()),
    onSend: (socket, frame) => { if (String(frame).includes('"hello"')) socket.receive(GREETING) },
  })
  rigs.push(made)
  const heard: unknown[] = []
  const lease = made.connection.channel('btc')
  lease.onMessage((data) => heard.push(data))
  lease.onGap(({ reason, from, to }) => heard.push(`${reason} ${from}-${to ?? ''}`))
  void made.connection.connect()
  const confirm = (standing: object): void => made.server.socket().receive({ type: 'subscription_confirmed', channel: 'btc', stream: 'btc', epoch: 'E', recovered: true, ...standing })
  const tick = (offset: number): void => made.server.socket().receive({ type: 't', channel: 'btc', offset, data: offset })
  const asks = (): unknown => made.server.socket().messages().filter(({ type }) => type === 'subscribe').at(-1)?.['channels']
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
  const reply = async (answer: object): Promise<void> => {
    made.asked.at(-1)?.answer(answer)
    await made.pass(1_001)
  }
  const list = (...offsets: number[]): PolledMessage[] => offsets.map((offset) => ({ data: offset, offset }))
  return { ...made, lease, heard, confirm, tick, asks, lose, heal, reply, list }
}

describe('with positions', () => {
  it('the socket goes on after what was polled, and nothing is heard twice', async () => {
    const { confirm, tick, lose, heal, reply, list, asks, heard, asked, lease, log, pass } = resuming()
    await pass(0)
    confirm({ offset: 4, top: 4 })
    tick(5)
    await lose()
    expect(asked.at(-1)?.request.position).toEqual({ epoch: 'E', offset: 5 })
    await reply({ messages: list(4, 5, 6, 7), position: { epoch: 'E', offset: 7 } })
    expect(asked.at(-1)?.request.position).toEqual({ epoch: 'E', offset: 7 })
    await heal()
    expect(asks()).toEqual([expect.objectContaining({ channel: 'btc', recover: { epoch: 'E', offset: 7 } })])
    confirm({ offset: 7, top: 8, messages: [{ type: 't', channel: 'btc', offset: 8, data: 8 }] })
    tick(8)
    tick(9)
    expect(heard).toEqual([5, 6, 7, 8, 9])
    expect(lease.snapshot()).toMatchObject({ status: 'live', recovered: true, gap: null })
    expect(log.filter((line) => line.includes('-'))).toEqual([])
  })

  it('a socket that never was begins after what was polled', async () => {
    const { heal, reply, list, asks, confirm, heard, pass } = resuming({ open: false })
    await pass(2_400)
    await reply({ messages: list(3, 4), position: { epoch: 'E', offset: 4 } })
    await heal()
    expect(asks()).toEqual([expect.objectContaining({ recover: { epoch: 'E', offset: 4 } })])
    confirm({ offset: 4, top: 5, messages: [{ type: 't', channel: 'btc', offset: 5, data: 5 }] })
    expect(heard).toEqual([3, 4, 5])
  })

  it('a state stands for all before it: no hole is told, and an older one is left out', async () => {
    const { confirm, lose, reply, heard, pass } = resuming()
    await pass(0)
    confirm({ offset: 5, top: 5 })
    await lose()
    await reply({ data: 'at 20', position: { epoch: 'E', offset: 20 } })
    await reply({ data: 'at 18', position: { epoch: 'E', offset: 18 } })
    await reply({ data: 'at 20 again', position: { epoch: 'E', offset: 20 } })
    await reply({ data: 'at 21', position: { epoch: 'E', offset: 21 } })
    expect(heard).toEqual(['at 20', 'at 21'])
  })

  it('holes between what is held and what was polled, and within it, are told where they are', async () => {
    const { confirm, lose, reply, list, heard, lease, log, pass } = resuming()
    await pass(0)
    confirm({ offset: 5, top: 5 })
    await lose()
    await reply({ messages: list(9, 10, 13, 12), position: { epoch: 'E', offset: 13 } })
    expect(heard).toEqual(['hole 6-8', 9, 10, 'hole 11-11', 12, 13])
    expect(lease.snapshot()).toMatchObject({ recovered: false, gap: { reason: 'hole', from: 11, to: 11 } })
    expect(log.filter((line) => line.includes('hole'))).toEqual(['btc: hole 6-8', 'btc: hole 11-11'])
  })

  it('a message that stands for several closes the hole', async () => {
    const { confirm, lose, reply, heard, pass } = resuming()
    await pass(0)
    confirm({ offset: 5, top: 5 })
    await lose()
    await reply({ messages: [{ data: 'conflated', from: 6, offset: 9 }, { data: 10, offset: 10 }], position: { epoch: 'E', offset: 10 } })
    expect(heard).toEqual(['conflated', 10])
  })

  it('a server that has begun anew is told as such, once, and the socket goes on in its new epoch', async () => {
    const { confirm, lose, heal, reply, list, asks, heard, pass } = resuming()
    await pass(0)
    confirm({ offset: 5, top: 5 })
    await lose()
    await reply({ messages: list(1, 2), position: { epoch: 'F', offset: 2 } })
    await heal()
    expect(asks()).toEqual([expect.objectContaining({ recover: { epoch: 'F', offset: 2 } })])
    confirm({ epoch: 'F', offset: 2, top: 3, messages: [{ type: 't', channel: 'btc', offset: 3, data: 3 }] })
    expect(heard).toEqual(['epoch_changed 6-', 1, 2, 3])
  })

  it('what the server can no longer bring after what was polled is told by it', async () => {
    const { confirm, tick, lose, heal, reply, list, heard, pass } = resuming()
    await pass(0)
    confirm({ offset: 5, top: 5 })
    await lose()
    await reply({ messages: list(6, 7), position: { epoch: 'E', offset: 7 } })
    await heal()
    confirm({ offset: 30, top: 30, recovered: false, reason: 'trimmed' })
    tick(31)
    expect(heard).toEqual([6, 7, 'trimmed 8-30', 31])
  })

  it('an answer without a position is shown, and the socket goes on where it was', async () => {
    const { confirm, tick, lose, heal, reply, asks, heard, pass } = resuming()
    await pass(0)
    confirm({ offset: 5, top: 5 })
    await lose()
    await reply({ data: 'state' })
    await heal()
    expect(asks()).toEqual([expect.objectContaining({ recover: { epoch: 'E', offset: 5 } })])
    confirm({ offset: 5, top: 6 })
    tick(6)
    expect(heard).toEqual(['state', 6])
  })

  it('an answer that comes while the server is being asked does not take its place', async () => {
    const { confirm, lose, heal, reply, list, heard, asked, pass, lease } = resuming()
    await pass(0)
    confirm({ offset: 5, top: 5 })
    await lose()
    await reply({ messages: list(6), position: { epoch: 'E', offset: 6 } })
    await heal()
    asked.at(-1)?.answer({ messages: list(7), position: { epoch: 'E', offset: 7 } })
    await pass(0)
    expect(lease.snapshot().status).toBe('subscribing')
    confirm({ offset: 6, top: 8, messages: [7, 8].map((offset) => ({ type: 't', channel: 'btc', offset, data: offset })) })
    expect(heard).toEqual([6, 7, 8])
    expect(lease.snapshot().status).toBe('live')
  })
})
