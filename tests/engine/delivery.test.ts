import { describe, expect, it } from 'vitest'
import { type DeliveryResult, type SendOptions, json } from 'uplink/engine'
import { rig } from './support.ts'
import { GREETING, type UplinkRig, settle, uplinkRig } from './uplink-rig.ts'

async function connected(...how: Parameters<typeof uplinkRig>): Promise<UplinkRig> {
  const made = uplinkRig(...how)
  void made.connection.connect()
  await settle()
  return made
}

/** Ends the socket and waits for the next one. */
async function reconnect({ server, platform, connection }: UplinkRig): Promise<void> {
  server.socket().end()
  await platform.clock.advanceAsync(2_000)
  expect(connection.snapshot().state).toBe('connected')
}

/** The result of a promise, or `pending`. */
async function resultOf(promise: Promise<DeliveryResult>): Promise<DeliveryResult | 'pending'> {
  await settle()
  return Promise.race([promise, Promise.resolve('pending' as const)])
}

const numbers = (rigged: UplinkRig): unknown[] => rigged.received('n').map(({ data }) => data)

describe('a message with an answer', () => {
  it('is delivered when the server says so, with what its handler answered and the time it took', async () => {
    const rigged = await connected()
    const promise = rigged.connection.sendWithAck({ type: 'ORDER', data: 1 })
    await settle()
    const [{ id = '' } = {}] = rigged.received('ORDER') as Array<{ id?: string }>
    await rigged.platform.clock.advanceAsync(40)
    rigged.server.socket().receive({ type: 'ack', id, data: { order: 77 } })
    expect(await resultOf(promise)).toEqual({ acknowledged: true, outcome: 'delivered', id, data: { order: 77 }, latencyMs: 40 })
    expect(rigged.events).toEqual([['acknowledged', id, { order: 77 }]])
    expect(rigged.connection.outbox()).toMatchObject({ inFlight: 0, delivered: 1 })
  })

  it('is rejected when the server refuses it for good, and the code is told', async () => {
    const rigged = await connected()
    const promise = rigged.connection.sendWithAck({ type: 'ORDER', id: 'mine' })
    rigged.server.socket().receive({ type: 'nack', id: 'mine', code: 'invalid', message: 'no such symbol', retryable: false })
    expect(await resultOf(promise)).toMatchObject({ acknowledged: false, outcome: 'rejected', error: { code: 'UPLINK_MESSAGE_REJECTED', messageId: 'mine' } })
    expect(rigged.events).toEqual([['rejected', 'mine', 'invalid']])
  })

  it('goes out again with its old id on the next connection, before what waited, before what is new', async () => {
    const rigged = await connected()
    const { connection } = rigged
    for (const data of [1, 2]) connection.send({ type: 'n', data, id: `id-${data}` })
    await settle()
    rigged.server.socket().end()
    connection.send({ type: 'n', data: 3 }, { priority: 'low' })
    connection.send({ type: 'n', data: 4 }, { priority: 'critical' })
    connection.on('open', () => connection.send({ type: 'n', data: 5 }))
    await rigged.platform.clock.advanceAsync(2_000)
    expect(numbers(rigged)).toEqual([1, 2, 1, 2, 4, 3, 5])
    expect(rigged.received('n').slice(2, 4).map(({ id }) => id)).toEqual(['id-1', 'id-2'])
  })

  it('is sent again after messageTimeout, messageRetries times; then the server is asked; then nobody knows', async () => {
    const rigged = await connected({ messageTimeout: 1_000, messageRetries: 2 })
    const promise = rigged.connection.sendWithAck({ type: 'n', data: 1 })
    await rigged.platform.clock.advanceAsync(2_999)
    expect(numbers(rigged)).toEqual([1, 1, 1])
    expect(rigged.asked('status')).toEqual([])
    await rigged.platform.clock.advanceAsync(1)
    expect(rigged.asked('status')).toHaveLength(1)
    expect(await resultOf(promise)).toBe('pending')
    await rigged.platform.clock.advanceAsync(1_000)
    expect(await resultOf(promise)).toMatchObject({ outcome: 'unknown', error: { code: 'UPLINK_MESSAGE_UNKNOWN_OUTCOME' } })
    expect(numbers(rigged)).toEqual([1, 1, 1])
  })

  it('is waited for on when the server says that it is still at work', async () => {
    const rigged = await connected({ messageTimeout: 1_000, messageRetries: 0 })
    const promise = rigged.connection.sendWithAck({ type: 'n', id: 'slow' })
    await rigged.platform.clock.advanceAsync(1_000)
    rigged.server.socket().receive({ type: 'status', resultsEpoch: 'E1', unseen: [], running: ['slow'] })
    await rigged.platform.clock.advanceAsync(900)
    rigged.server.socket().receive({ type: 'ack', id: 'slow' })
    expect(await resultOf(promise)).toMatchObject({ outcome: 'delivered' })
  })

  it('is never sent again to a server that has lost its memory; the server is asked first', async () => {
    let resultsEpoch = 'E1'
    const rigged = await connected({}, () => ({ ...GREETING, resultsEpoch }))
    const handled = rigged.connection.sendWithAck({ type: 'n', data: 1, id: 'handled' })
    const lost = rigged.connection.sendWithAck({ type: 'n', data: 2, id: 'lost' })
    await settle()
    resultsEpoch = 'E2'
    await reconnect(rigged)
    expect(rigged.asked('status')).toMatchObject([{ ids: ['handled', 'lost'] }])
    rigged.server.socket().receive({ type: 'ack', id: 'handled' })
    rigged.server.socket().receive({ type: 'status', resultsEpoch, unseen: ['lost'], running: [] })
    expect(await resultOf(handled)).toMatchObject({ outcome: 'delivered' })
    expect(await resultOf(lost)).toMatchObject({ outcome: 'unknown' })
    expect(numbers(rigged)).toEqual([1, 2])
  })

  it('is sent again even then if handling it twice does no harm', async () => {
    let resultsEpoch = 'E1'
    const rigged = await connected({}, () => ({ ...GREETING, resultsEpoch }))
    rigged.connection.send({ type: 'n', data: 1 }, { idempotent: true })
    await settle()
    resultsEpoch = 'E2'
    await reconnect(rigged)
    expect(numbers(rigged)).toEqual([1, 1])
  })

  it('is not sent again once the server may have forgotten its result', async () => {
    const rigged = await connected({ messageTtl: 3_600_000, heartbeat: false }, () => ({ ...GREETING, limits: { ...GREETING.limits, resultsTtl: 5_000 } }))
    const promise = rigged.connection.sendWithAck({ type: 'n', data: 1, id: 'old' })
    await settle()
    rigged.server.socket().end()
    rigged.platform.clock.stall(6_000)
    await rigged.platform.clock.advanceAsync(2_000)
    expect(rigged.asked('status')).toHaveLength(1)
    rigged.server.socket().receive({ type: 'status', resultsEpoch: 'E1', unseen: ['old'], running: [] })
    expect(await resultOf(promise)).toMatchObject({ outcome: 'unknown' })
    expect(numbers(rigged)).toEqual([1])
  })

  it('holds back its own priority, and no other, while the server wants it later', async () => {
    const rigged = await connected()
    const { connection, server, platform } = rigged
    const promise = connection.sendWithAck({ type: 'n', data: 1, id: 'a' })
    await settle()
    server.socket().receive({ type: 'nack', id: 'a', code: 'busy', retryable: true, retryAfter: 3_000 })
    connection.send({ type: 'n', data: 2 })
    connection.send({ type: 'n', data: 3 }, { priority: 'high' })
    await platform.clock.advanceAsync(2_999)
    expect(numbers(rigged)).toEqual([1, 3])
    await platform.clock.advanceAsync(1)
    expect(numbers(rigged)).toEqual([1, 3, 1, 2])
    server.socket().receive({ type: 'ack', id: 'a' })
    expect(await resultOf(promise)).toMatchObject({ outcome: 'delivered' })
  })

  it('keeps its place among those of its priority that are wanted later too', async () => {
    const rigged = await connected()
    const { connection, server, platform } = rigged
    for (const data of [1, 2, 3]) connection.send({ type: 'n', data, id: `id-${data}` })
    await settle()
    const waits = [3_000, 100, 500]
    for (const data of [1, 2, 3]) server.socket().receive({ type: 'nack', id: `id-${data}`, code: 'busy', retryable: true, retryAfter: waits[data - 1] })
    await platform.clock.advanceAsync(3_000)
    expect(numbers(rigged)).toEqual([1, 2, 3, 1, 2, 3])
  })

  it('is rejected once its retries are spent', async () => {
    const rigged = await connected({ messageRetries: 2 })
    const promise = rigged.connection.sendWithAck({ type: 'n', id: 'a' })
    for (let round = 0; round < 3; round++) {
      await settle()
      rigged.server.socket().receive({ type: 'nack', id: 'a', code: 'busy', retryable: true, retryAfter: 100 })
      await rigged.platform.clock.advanceAsync(100)
    }
    expect(await resultOf(promise)).toMatchObject({ outcome: 'rejected' })
  })

  it('has an unknown outcome when the server lost it in the middle', async () => {
    const rigged = await connected()
    const promise = rigged.connection.sendWithAck({ type: 'n', id: 'a' })
    rigged.server.socket().receive({ type: 'nack', id: 'a', code: 'lost', retryable: false })
    expect(await resultOf(promise)).toMatchObject({ outcome: 'unknown' })
  })

  it('expires if it never left, is unknown if it did, and expires if the server had only said later', async () => {
    const rigged = await connected()
    const { connection, server, platform } = rigged
    const sent = connection.sendWithAck({ type: 'n', id: 'sent' }, { ttl: 60_000 })
    const held = connection.sendWithAck({ type: 'n', id: 'held' }, { ttl: 60_000 })
    await settle()
    server.socket().receive({ type: 'nack', id: 'held', code: 'busy', retryable: true, retryAfter: 50_000 })
    connection.disconnect()
    const queued = connection.sendWithAck({ type: 'n', id: 'queued' }, { ttl: 60_000 })
    await platform.clock.advanceAsync(59_999)
    expect(await resultOf(sent)).toBe('pending')
    await platform.clock.advanceAsync(1)
    expect([await resultOf(sent), await resultOf(held), await resultOf(queued)]).toMatchObject([{ outcome: 'unknown' }, { outcome: 'expired' }, { outcome: 'expired' }])
    expect(rigged.events.filter(([name]) => name === 'dropped')).toEqual([['dropped', 'queued', 'expired'], ['dropped', 'held', 'expired']])
  })

  it('has an outcome at the end, whatever it was doing', async () => {
    const rigged = await connected()
    const sent = rigged.connection.sendWithAck({ type: 'n' })
    await settle()
    rigged.connection.disconnect()
    const queued = rigged.connection.sendWithAck({ type: 'n' })
    rigged.connection.destroy()
    const late = rigged.connection.sendWithAck({ type: 'n' })
    expect([await resultOf(sent), await resultOf(queued), await resultOf(late)]).toMatchObject([
      { outcome: 'unknown' }, { outcome: 'dropped' }, { outcome: 'dropped', error: { code: 'UPLINK_DESTROYED' } },
    ])
    expect(rigged.platform.clock.pending()).toBe(0)
  })

  it('is refused at the door by a protocol that has no answers', async () => {
    const { connection } = rig({ protocol: json() })
    expect(await connection.sendWithAck({ type: 'n' })).toMatchObject({ outcome: 'dropped', error: { code: 'UPLINK_ACKS_UNSUPPORTED' } })
  })

  it('is refused with the sentence that says why when it cannot be encoded, or has a reserved type', async () => {
    const rigged = await connected()
    expect(await rigged.connection.sendWithAck({ type: 'subscribe' })).toMatchObject({ outcome: 'dropped', error: { code: 'UPLINK_ENCODE_FAILED', message: /"subscribe"/ } })
    expect(await rigged.connection.sendWithAck({ type: 'n', data: 1n })).toMatchObject({ error: { code: 'UPLINK_ENCODE_FAILED' } })
  })
})

describe('a server that answers what nobody asked', () => {
  it('is reported once it answers a message that was never sent; a second answer to one that was is no news', async () => {
    const rigged = await connected()
    rigged.connection.send({ type: 'n' })
    await settle()
    const [{ id } = { id: '' }] = rigged.received('n')
    for (let times = 0; times < 3; times++) rigged.server.socket().receive({ type: 'ack', id })
    expect(rigged.log).not.toContain('error')
    expect(rigged.log).not.toContain('UPLINK_ACK_UNEXPECTED')
    rigged.server.socket().receive({ type: 'ack', id: 'nobody' })
    rigged.server.socket().receive({ type: 'nack', id: 'nobody', code: 'x', retryable: true })
    expect(rigged.log.filter((name) => name === 'UPLINK_ACK_UNEXPECTED')).toHaveLength(2)
    expect(rigged.connection.snapshot().state).toBe('connected')
  })

  it('is not followed into a flood of control frames', async () => {
    const rigged = await connected()
    for (let n = 0; n < 5_000; n++) rigged.server.socket().receive({ type: 'ping' })
    expect(rigged.server.socket().messages().filter(({ type }) => type === 'pong').length).toBeLessThanOrEqual(1_000)
    expect(rigged.log.filter((name) => name === 'UPLINK_CONTROL_FLOOD')).toHaveLength(1)
    await rigged.platform.clock.advanceAsync(10_000)
    expect(rigged.connection.snapshot().state).toBe('connected')
  })

  it.each([
    ['an ack without an id', { type: 'ack' }], ['an id that is a number', { type: 'ack', id: 7 }], ['a confirmation without a position', { type: 'subscription_confirmed', channel: 'a' }],
    ['an offset that is no number', { type: 'tick', channel: 'a', offset: 'x', data: 1 }], ['an offset before its beginning', { type: 'tick', channel: 'a', from: 5, offset: 4 }],
    ['a top below the offset', { type: 'subscription_confirmed', channel: 'a', stream: 'a', epoch: 'e', offset: 5, top: 4, recovered: false }],
    ['a status that is no list', { type: 'status', unseen: 'all', running: [] }], ['a batch in a batch', { type: 'batch', messages: [{ type: 'batch', messages: [] }] }],
    ['a frame only clients send', { type: 'hello' }],
  ])('costs nothing but a report: %s', async (_, frame) => {
    const rigged = await connected()
    rigged.connection.channel('a')
    await settle()
    rigged.server.socket().receive(frame)
    expect(rigged.log.filter((name) => name === 'UPLINK_MESSAGE_UNKNOWN')).toHaveLength(1)
    expect(rigged.connection.snapshot().state).toBe('connected')
  })
})

describe('what goes out', () => {
  it('in one tick goes out as one frame, in its order', async () => {
    const rigged = await connected()
    for (let data = 0; data < 5; data++) rigged.connection.send({ type: 'n', data })
    expect(rigged.received('n')).toEqual([])
    await settle()
    expect(rigged.asked('batch')).toHaveLength(1)
    expect(numbers(rigged)).toEqual([0, 1, 2, 3, 4])
  })

  it.each(['disconnect', 'reconnect'] as const)('goes out even when %s() follows in the same breath', async (how) => {
    const rigged = await connected()
    rigged.connection.send({ type: 'n', data: 1 }, { ack: false })
    rigged.connection[how]()
    expect(rigged.server.sockets[0]?.messages().filter(({ type }) => type === 'n')).toHaveLength(1)
  })

  it('never makes a frame larger than the server takes', async () => {
    const rigged = await connected({}, () => ({ ...GREETING, limits: { ...GREETING.limits, maxFrame: 1_000 } }))
    for (let data = 0; data < 40; data++) rigged.connection.send({ type: 'n', data })
    await settle()
    const sizes = rigged.server.socket().sent.map((frame) => String(frame).length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000)
    expect(sizes.length).toBeGreaterThan(4)
    expect(numbers(rigged)).toEqual(Array.from({ length: 40 }, (_, data) => data))
  })

  it('waits while the socket holds more than highWaterMark, and a heartbeat does not', async () => {
    const rigged = await connected({ highWaterMark: 1_000, heartbeatInterval: 1_000 })
    const socket = rigged.server.socket()
    socket.bufferedAmount = 50_000
    for (let data = 0; data < 100; data++) rigged.connection.send({ type: 'n', data: 'x'.repeat(100) })
    await settle()
    const gone = rigged.received('n').length
    expect(gone).toBeLessThan(60)
    await rigged.platform.clock.advanceAsync(1_000)
    expect(rigged.received('n')).toHaveLength(gone)
    expect(rigged.asked('ping').length).toBeGreaterThanOrEqual(2)
    socket.bufferedAmount = 0
    await rigged.platform.clock.advanceAsync(200)
    expect(rigged.received('n')).toHaveLength(100)
  })

  it.each([['json()', json()], ['uplink()', undefined]])('keeps to rateLimit with %s', async (_, protocol) => {
    const rigged = await connected({ rateLimit: { max: 10, windowMs: 1_000 }, ...(protocol === undefined ? {} : { protocol }) })
    for (let data = 0; data < 35; data++) rigged.connection.send({ type: 'n', data })
    const seen: number[] = []
    for (let second = 0; second < 4; second++) {
      await settle()
      seen.push(rigged.received('n').length)
      await rigged.platform.clock.advanceAsync(1_000)
    }
    expect(seen).toEqual([10, 20, 30, 35])
    expect(numbers(rigged)).toEqual(Array.from({ length: 35 }, (_, data) => data))
  })

  it('leaves the outbox one every drainInterval', async () => {
    const rigged = uplinkRig({ drainInterval: 100 })
    for (let data = 0; data < 5; data++) rigged.connection.send({ type: 'n', data })
    void rigged.connection.connect()
    await rigged.platform.clock.advanceAsync(250)
    expect(numbers(rigged)).toEqual([0, 1, 2])
    await rigged.platform.clock.advanceAsync(1_000)
    expect(numbers(rigged)).toEqual([0, 1, 2, 3, 4])
  })

  it('is no more than maxInFlight without an answer', async () => {
    const rigged = await connected({ maxInFlight: 3 })
    for (let data = 0; data < 5; data++) rigged.connection.send({ type: 'n', data, id: `id-${data}` })
    await settle()
    expect(numbers(rigged)).toEqual([0, 1, 2])
    rigged.server.socket().receive({ type: 'ack', id: 'id-1' })
    await settle()
    expect(numbers(rigged)).toEqual([0, 1, 2, 3])
    expect(rigged.connection.outbox()).toMatchObject({ inFlight: 3, queued: 1, delivered: 1 })
  })

  it('tells the fate of a message whose place was taken by a newer one of its key', async () => {
    const rigged = uplinkRig()
    const how: SendOptions = { key: 'cursor' }
    const first = rigged.connection.sendWithAck({ type: 'n', data: 1 }, how)
    void rigged.connection.sendWithAck({ type: 'n', data: 2 }, how)
    expect(await resultOf(first)).toMatchObject({ outcome: 'dropped', error: { code: 'UPLINK_MESSAGE_DROPPED' } })
    void rigged.connection.connect()
    await settle()
    expect(numbers(rigged)).toEqual([2])
  })

  it.each([['priority', 'urgent'], ['ttl', 0], ['ttl', Number.NaN], ['key', 7], ['ack', 'yes'], ['idempotent', 1], ['persist', null]])('is refused with a wrong %s (%s), and the option is named', (name, value) => {
    const { connection } = uplinkRig()
    expect(() => connection.send({ type: 'n' }, { [name]: value } as SendOptions)).toThrow(new RegExp(name))
  })
})

describe('a server that takes the user for somebody else', () => {
  it('ends the connection before anything is sent', async () => {
    const rigged = uplinkRig({ identity: 'ann' }, () => ({ ...GREETING, identity: 'bob' }))
    rigged.connection.send({ type: 'n' })
    void rigged.connection.connect()
    await settle()
    expect(rigged.connection.snapshot()).toMatchObject({ state: 'error', error: { code: 'UPLINK_IDENTITY_MISMATCH' } })
    expect(rigged.received()).toEqual([])
  })

  it('never gets what the user before wrote', async () => {
    let identity = 'ann'
    const rigged = await connected({}, () => ({ ...GREETING, identity }))
    const sent = rigged.connection.sendWithAck({ type: 'n', data: 1 })
    await settle()
    rigged.server.socket().end()
    const queued = rigged.connection.sendWithAck({ type: 'n', data: 2 })
    identity = 'bob'
    await rigged.platform.clock.advanceAsync(2_000)
    expect([await resultOf(sent), await resultOf(queued)]).toMatchObject([{ outcome: 'unknown' }, { outcome: 'dropped' }])
    expect(numbers(rigged)).toEqual([1])
  })
})
