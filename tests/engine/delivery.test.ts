import { describe, expect, it } from 'vitest'
import { type DeliveryResult, type SendOptions, json } from 'uplink/engine'
import { createDelivery } from '../../src/core/delivery.ts'
import type { OutboxMessage } from '../../src/core/outbox.ts'
import { resolvePolicy } from '../../src/core/policy.ts'
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

  it('is asked about once more and no more often while its handler never ends, and is then unknown, in the time that was promised', async () => {
    const rigged = await connected({ messageTimeout: 1_000, messageRetries: 2 })
    const { connection, server, platform } = rigged
    const late = connection.sendWithAck({ type: 'n', id: 'late' }, { ttl: 500 })
    const slow = connection.sendWithAck({ type: 'n', id: 'slow' })
    const settled: Record<string, number> = {}
    for (const [name, promise] of [['late', late], ['slow', slow]] as const) void promise.then(() => { settled[name] = platform.clock.now() })
    const start = platform.clock.now()
    let answered = 0
    for (let step = 0; step < 100; step++) {
      await platform.clock.advanceAsync(50)
      const questions = rigged.asked('status')
      for (; answered < questions.length; answered++) server.socket().receive({ type: 'status', resultsEpoch: 'E1', unseen: [], running: questions[answered]?.['ids'] })
    }
    expect([await resultOf(late), await resultOf(slow)]).toMatchObject([{ outcome: 'unknown' }, { outcome: 'unknown' }])
    expect(rigged.asked('status').map(({ ids }) => ids)).toEqual([['late'], ['slow']])
    expect((settled['late'] ?? Infinity) - start).toBeLessThanOrEqual(1_500)
    expect((settled['slow'] ?? Infinity) - start).toBeLessThanOrEqual(1_000 * (2 + 2))
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

  it('is not sent again when the server might just have forgotten its result by the time it arrives', async () => {
    const rigged = await connected({ messageTtl: 3_600_000, heartbeat: false }, () => ({ ...GREETING, limits: { ...GREETING.limits, resultsTtl: 10_000 } }))
    rigged.connection.send({ type: 'n', data: 1 })
    await settle()
    rigged.server.socket().end()
    rigged.platform.clock.stall(9_500)
    await settle()
    expect(rigged.connection.snapshot().state).toBe('connected')
    expect(rigged.asked('status')).toHaveLength(1)
    expect(numbers(rigged)).toEqual([1])
  })

  it('is expired, and not unknown, when it is too late and the server has certainly not seen it', async () => {
    const rigged = await connected()
    const { connection, server, platform } = rigged
    const promise = connection.sendWithAck({ type: 'n', id: 'a' }, { ttl: 2_000 })
    await platform.clock.advanceAsync(2_000)
    server.socket().receive({ type: 'status', resultsEpoch: 'E1', unseen: ['a'], running: [] })
    expect(await resultOf(promise)).toMatchObject({ outcome: 'expired' })
  })

  it('waits for the time the server gave, also on the next connection, and those behind it wait with it', async () => {
    const rigged = await connected({ jitter: 'none' })
    const { connection, server, platform } = rigged
    for (const data of [1, 2]) connection.send({ type: 'n', data, id: `id-${data}` })
    await settle()
    server.socket().receive({ type: 'nack', id: 'id-1', code: 'rate_limited', retryable: true, retryAfter: 30_000 })
    await reconnect(rigged)
    connection.send({ type: 'n', data: 3 })
    await platform.clock.advanceAsync(27_900)
    expect(numbers(rigged)).toEqual([1, 2])
    await platform.clock.advanceAsync(200)
    expect(numbers(rigged)).toEqual([1, 2, 1, 2, 3])
  })

  it('that the server wants later while the connection is closing goes out on the next one', async () => {
    const rigged = await connected()
    const { connection, server, platform } = rigged
    const promise = connection.sendWithAck({ type: 'n', id: 'a' })
    await settle()
    connection.disconnect({ graceful: true })
    server.socket().receive({ type: 'nack', id: 'a', code: 'busy', retryable: true, retryAfter: 100 })
    await platform.clock.advanceAsync(60_000)
    expect(connection.snapshot().state).toBe('disconnected')
    expect(await resultOf(promise)).toBe('pending')
    void connection.connect()
    await settle()
    server.socket().receive({ type: 'ack', id: 'a' })
    expect(await resultOf(promise)).toMatchObject({ outcome: 'delivered' })
  })

  it('is as good as never sent when it was marked for a server that it did not reach', () => {
    const delivery = createDelivery(resolvePolicy({}))
    const message: OutboxMessage = {
      id: 'a', frame: '{}', size: 2, priority: 'normal', key: undefined, queuedAt: 0, expiresAt: Infinity, tracked: true, idempotent: false,
      stored: true, attempted: { at: 1, resultsEpoch: 'E1' },
    }
    delivery.restored({ epoch: 'E2', ttlMs: 600_000, maxFrame: Infinity }, 0, 5)
    delivery.sent(message, 0, 5)
    expect(message.attempted).toEqual({ at: 5, resultsEpoch: 'E2' })
    delivery.lost()
    expect(delivery.restored({ epoch: 'E2', ttlMs: 600_000, maxFrame: Infinity }, 10, 15).resend).toEqual([message])
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
      rigged.server.socket().receive({ type: 'nack', id: 'a', code: 'no_margin', retryable: true, retryAfter: 100 })
      await rigged.platform.clock.advanceAsync(100)
    }
    expect(await resultOf(promise)).toMatchObject({ outcome: 'rejected' })
  })

  it.each(['busy', 'rate_limited'])('waits for a server that says "%s" as long as it lives, because that is not its fault', async (code) => {
    const rigged = await connected({ messageRetries: 2 })
    const promise = rigged.connection.sendWithAck({ type: 'n', id: 'a' }, { ttl: 5_000 })
    for (let round = 0; round < 20; round++) {
      await settle()
      rigged.server.socket().receive({ type: 'nack', id: 'a', code, retryable: true, retryAfter: 100 })
      await rigged.platform.clock.advanceAsync(100)
    }
    expect(await resultOf(promise)).toBe('pending')
    rigged.server.socket().receive({ type: 'ack', id: 'a' })
    expect(await resultOf(promise)).toMatchObject({ outcome: 'delivered' })
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

describe('a message that is none', () => {
  it.each([
    ['no type', { data: 1 }, /string "type"/], ['a string', 'hi', /string "type"/], ['null', null, /string "type"/],
    ['an id that is a number', { type: 'n', id: 7 }, /id of a message/], ['an empty id', { type: 'n', id: '' }, /id of a message/],
    ['an id that is too long', { type: 'n', id: 'y'.repeat(129) }, /id of a message/],
  ])('(%s) is refused at the door, and the sentence says what it needs', async (_, message, text) => {
    const rigged = await connected()
    const errors: string[] = []
    rigged.connection.on('error', ({ code }) => errors.push(code))
    expect(rigged.connection.send(message as never)).toMatchObject({ outcome: 'refused', reason: 'not_encodable' })
    const result = await rigged.connection.sendWithAck(message as never)
    expect(result).toMatchObject({ outcome: 'dropped', error: { code: 'UPLINK_ENCODE_FAILED' } })
    expect(result.error?.message).toMatch(text)
    expect(errors).toEqual(['UPLINK_ENCODE_FAILED', 'UPLINK_ENCODE_FAILED'])
    expect(rigged.received()).toEqual([])
  })

  it.each(['waits', 'has no answer'])('because one of its id %s is refused, and the other is answered as if nothing had been', async (how) => {
    const rigged = uplinkRig()
    if (how === 'has no answer') void rigged.connection.connect()
    await settle()
    const first = rigged.connection.sendWithAck({ type: 'n', id: 'same', data: 1 })
    const second = rigged.connection.sendWithAck({ type: 'n', id: 'same', data: 2 })
    expect(rigged.connection.send({ type: 'n', id: 'same' })).toMatchObject({ outcome: 'refused', reason: 'duplicate_id' })
    expect(await resultOf(second)).toMatchObject({ outcome: 'dropped', error: { messageId: 'same' } })
    expect(await resultOf(first)).toBe('pending')
    void rigged.connection.connect()
    await settle()
    rigged.server.socket().receive({ type: 'ack', id: 'same' })
    expect(await resultOf(first)).toMatchObject({ outcome: 'delivered' })
    expect(numbers(rigged)).toEqual([1])
    expect(rigged.connection.send({ type: 'n', id: 'same' })).toMatchObject({ outcome: 'sent' })
  })

  it('leaves nothing behind when its options are refused', () => {
    const { connection } = uplinkRig()
    expect(() => connection.sendWithAck({ type: 'n', id: 'a' }, { ttl: 0 })).toThrow(/ttl/)
    expect(connection.send({ type: 'n', id: 'a' })).toMatchObject({ outcome: 'queued' })
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

  it('is refused when it is larger than the server takes, and costs nobody the connection', async () => {
    const rigged = await connected({}, () => ({ ...GREETING, limits: { ...GREETING.limits, maxFrame: 1_000 } }))
    const { connection } = rigged
    expect(connection.send({ type: 'n', data: 'x'.repeat(2_000), id: 'big' })).toEqual({ id: 'big', outcome: 'refused', reason: 'too_large' })
    expect(await resultOf(connection.sendWithAck({ type: 'n', data: 'x'.repeat(2_000) }))).toMatchObject({ outcome: 'dropped', error: { message: /2\d\d\d characters.*1000/ } })
    expect(connection.send({ type: 'n', data: 1 })).toMatchObject({ outcome: 'sent' })
    await settle()
    expect(numbers(rigged)).toEqual([1])
    expect(rigged.events[0]).toEqual(['dropped', 'big', 'too_large'])
  })

  it('is dropped when it waited for a server that turns out to take less, and the others go', async () => {
    const rigged = uplinkRig({}, () => ({ ...GREETING, limits: { ...GREETING.limits, maxFrame: 1_000 } }))
    const big = rigged.connection.sendWithAck({ type: 'n', data: 'x'.repeat(2_000) })
    rigged.connection.send({ type: 'n', data: 1 })
    void rigged.connection.connect()
    expect(await resultOf(big)).toMatchObject({ outcome: 'dropped', error: { code: 'UPLINK_MESSAGE_DROPPED' } })
    expect(numbers(rigged)).toEqual([1])
  })

  it('is not sent again to a server that takes less by now: the server is asked, and what it never saw is dropped', async () => {
    let maxFrame = 100_000
    const rigged = await connected({}, () => ({ ...GREETING, limits: { ...GREETING.limits, maxFrame } }))
    const promise = rigged.connection.sendWithAck({ type: 'n', data: 'x'.repeat(2_000), id: 'big' })
    await settle()
    maxFrame = 1_000
    await reconnect(rigged)
    expect(rigged.asked('status')).toMatchObject([{ ids: ['big'] }])
    rigged.server.socket().receive({ type: 'status', resultsEpoch: 'E1', unseen: ['big'], running: [] })
    expect(await resultOf(promise)).toMatchObject({ outcome: 'dropped' })
    expect(rigged.received('n')).toHaveLength(1)
  })

  it('asks about many messages in frames that the server takes', async () => {
    let resultsEpoch = 'E1'
    const rigged = await connected({}, () => ({ ...GREETING, resultsEpoch, limits: { ...GREETING.limits, maxFrame: 1_000 } }))
    for (let data = 0; data < 100; data++) rigged.connection.send({ type: 'n', data, id: `id-${'y'.repeat(40)}-${data}` })
    await settle()
    resultsEpoch = 'E2'
    await reconnect(rigged)
    const sizes = rigged.server.socket().sent.map((frame) => String(frame).length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000)
    expect(rigged.asked('status').flatMap(({ ids }) => ids)).toHaveLength(100)
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
