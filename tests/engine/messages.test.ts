import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { UplinkError, json } from 'uplink/engine'
import { friendly, rig } from './support.ts'

function connected(options = {}) {
  const made = rig(options)
  const errors: UplinkError[] = []
  made.connection.on('error', (error) => errors.push(error))
  void made.connection.connect()
  return { ...made, errors }
}

describe('a bad frame is reported once, under its own code, and changes nothing else', () => {
  const deep = `{"type":"x","data":${'['.repeat(2_000)}${']'.repeat(2_000)}}`
  it.each([
    ['invalid JSON', '{"type":', 'UPLINK_MESSAGE_MALFORMED'],
    ['an empty frame', '', 'UPLINK_MESSAGE_MALFORMED'],
    ['10 MB', `{"type":"x","data":"${'a'.repeat(10_000_000)}"}`, 'UPLINK_MESSAGE_TOO_LARGE'],
    ['deep nesting', deep, 'UPLINK_MESSAGE_TOO_DEEP'],
    ['a __proto__ key', '{"type":"x","data":{"a":[{"__proto__":{"admin":true}}]}}', 'UPLINK_MESSAGE_UNSAFE'],
    ['an escaped __proto__ key', '{"type":"x","data":{"\\u005f_proto__":{}}}', 'UPLINK_MESSAGE_UNSAFE'],
    ['bytes', new Uint8Array([1, 2, 3]), 'UPLINK_MESSAGE_BINARY'],
    ['a number', '42', 'UPLINK_MESSAGE_UNKNOWN'],
    ['an array', '[1]', 'UPLINK_MESSAGE_UNKNOWN'],
    ['null', 'null', 'UPLINK_MESSAGE_UNKNOWN'],
    ['an object without a type', '{"data":1}', 'UPLINK_MESSAGE_UNKNOWN'],
  ] as const)('%s', (_, frame, code) => {
    const { server, connection, errors } = connected()
    const heard: unknown[] = []
    connection.subscribe('ok', (data) => heard.push(data))
    server.socket().receive(frame)
    server.socket().receive({ type: 'ok', data: 7 })
    expect(errors.map((error) => error.code)).toEqual([code])
    expect(heard).toEqual([7])
    expect(server.sockets).toHaveLength(1)
    expect(connection.snapshot().state).toBe('connected')
    expect(connection.stats()).toMatchObject({ malformed: 1, lastError: { code } })
  })

  it('a message that only talks about brackets or __proto__ is let through', () => {
    const { server, connection, errors } = connected()
    const heard: unknown[] = []
    connection.subscribe('x', (data) => heard.push(data))
    server.socket().receive({ type: 'x', data: '[{"'.repeat(2_000) })
    server.socket().receive({ type: 'x', data: 'the key __proto__' })
    expect(heard).toHaveLength(2)
    expect(errors).toEqual([])
  })

  it('no frame whatsoever throws or ends the connection', () => {
    const { server, connection } = connected()
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (frame) => {
      server.socket().receive(frame)
      expect(connection.snapshot().state).toBe('connected')
    }), { numRuns: 2_000 })
  })
})

describe('a protocol that throws', () => {
  it('from any of its functions is reported, and the connection goes on', async () => {
    const fail = () => { throw new Error('not today') }
    const { connection, server, errors } = connected({ protocol: { ...json(), ping: fail, subscribe: fail, control: fail } })
    connection.channel('btc')
    server.socket().receive({ type: 'x' })
    await Promise.resolve()
    expect(connection.snapshot().state).toBe('connected')
    connection.disconnect()
    expect(connection.snapshot().state).toBe('disconnected')
    expect(errors.map((error) => error.code)).toEqual(['UPLINK_LISTENER_FAILED', 'UPLINK_MESSAGE_MALFORMED', 'UPLINK_LISTENER_FAILED'])
  })
})

describe('a listener that throws', () => {
  it('is reported once, and costs nobody else a message', () => {
    const { server, connection, errors } = connected()
    const heard: unknown[] = []
    connection.subscribe('tick', () => { throw new Error('boom') })
    connection.subscribe('tick', (data) => heard.push(data))
    for (let tick = 0; tick < 100; tick++) server.socket().receive({ type: 'tick', data: tick })
    expect(heard).toHaveLength(100)
    expect(errors.map((error) => error.code)).toEqual(['UPLINK_LISTENER_FAILED'])
    expect(errors[0]?.cause).toEqual(new Error('boom'))
  })

  it('of errors itself makes no circle', () => {
    const { server, connection } = rig()
    connection.on('error', () => { throw new Error('again') })
    void connection.connect()
    server.socket().receive('not json')
    expect(connection.snapshot().state).toBe('connected')
  })
})

describe('routing', () => {
  it('goes by exact type, by prefix, and by predicate, until unsubscribed', () => {
    const { server, connection } = connected()
    const heard: string[] = []
    const stop = connection.subscribe('TRADE_OPENED', () => heard.push('exact'))
    connection.subscribe('TRADE_*', (_, message) => heard.push(`prefix ${message.type}`))
    connection.subscribe((message) => message.channel === 'trading', () => heard.push('predicate'))
    server.socket().receive({ type: 'TRADE_OPENED', channel: 'trading', data: {} })
    server.socket().receive({ type: 'TRADE_CLOSED', data: {} })
    server.socket().receive({ type: 'OTHER', data: {} })
    stop()
    stop()
    server.socket().receive({ type: 'TRADE_OPENED', data: {} })
    expect(heard).toEqual(['exact', 'prefix TRADE_OPENED', 'predicate', 'prefix TRADE_CLOSED', 'prefix TRADE_OPENED'])
  })

  it('reads payload as data, and answers the pings of a server', () => {
    const { server, connection } = connected()
    const heard: unknown[] = []
    connection.subscribe('x', (data) => heard.push(data))
    server.socket().receive({ type: 'x', payload: 3 })
    server.socket().receive({ type: 'ping' })
    server.socket().receive({ type: 'heartbeat' })
    expect(heard).toEqual([3])
    expect(server.socket().messages().slice(-2)).toEqual([{ type: 'pong' }, { type: 'heartbeat_ack' }])
  })
})

describe('sending', () => {
  it('wraps a message in the envelope, with a timestamp in epoch ms', () => {
    const { server, connection, platform } = connected()
    expect(connection.send({ type: 'CUSTOM_COMMAND', data: { action: 'refresh' } })).toMatchObject({ outcome: 'sent' })
    expect(server.socket().messages().at(-1)).toEqual({ type: 'CUSTOM_COMMAND', data: { action: 'refresh' }, timestamp: platform.time() })
  })

  it('queues while away, and keeps order across the reconnect', () => {
    const { server, connection, platform } = connected()
    server.socket().end()
    for (let n = 1; n <= 3; n++) expect(connection.send({ type: 'n', data: n }).outcome).toBe('queued')
    connection.on('open', () => connection.send({ type: 'n', data: 4 }))
    platform.clock.advance(1_000)
    expect(server.socket().messages().filter(({ type }) => type === 'n').map(({ data }) => data)).toEqual([1, 2, 3, 4])
    expect(connection.outbox()).toMatchObject({ queued: 0, bytes: 0 })
  })

  it('does not let a message overtake the queue, not even one sent while channels are restored', () => {
    const { server, connection } = rig()
    connection.send({ type: 'n', data: 1 })
    connection.channel('btc').onStatus(({ status }) => { if (status === 'subscribing') connection.send({ type: 'n', data: 2 }) })
    void connection.connect()
    expect(server.socket().messages().filter(({ type }) => type === 'n').map(({ data }) => data)).toEqual([1, 2])
  })

  it('stays within its bounds, and every drop is told with its reason', () => {
    fc.assert(fc.property(
      fc.constantFrom('drop-oldest', 'drop-newest', 'refuse'), fc.nat(20), fc.integer({ min: 40, max: 600 }), fc.array(fc.nat(120), { maxLength: 60 }),
      (overflow, queueSize, queueMaxBytes, sizes) => {
        const { connection } = rig({ overflow, queueSize, queueMaxBytes })
        const dropped: string[] = []
        connection.on('messageDropped', ({ id }) => dropped.push(id))
        const results = sizes.map((size) => connection.send({ type: 't', data: 'x'.repeat(size) }))
        const { queued: count, bytes } = connection.outbox()
        expect(count).toBeLessThanOrEqual(queueSize)
        expect(bytes).toBeLessThanOrEqual(queueMaxBytes)
        expect(count + dropped.length).toBe(results.length)
        expect(new Set(dropped).size).toBe(dropped.length)
      },
    ))
  })

  it('does not send what waited longer than messageTtl', () => {
    const { server, connection, platform, log } = rig({ messageTtl: 30_000 })
    connection.send({ type: 'order' })
    platform.clock.advance(30_001)
    void connection.connect()
    expect(server.socket().messages().some(({ type }) => type === 'order')).toBe(false)
    expect(log).toContain('messageDropped')
  })

  it('survives a socket that throws: it is told once, the message is kept, and tried again after a while', () => {
    let tries = 0
    let broken = true
    const { connection, platform, server, log } = rig({}, {
      ...friendly,
      onSend: (socket, frame) => {
        friendly.onSend?.(socket, frame)
        if (!String(frame).includes('"order"')) return
        tries++
        if (broken) throw new Error('not now')
      },
    })
    connection.send({ type: 'order', data: 1 })
    void connection.connect()
    expect(tries).toBe(1)
    expect(connection.send({ type: 'order', data: 2 })).toMatchObject({ outcome: 'queued' })
    platform.clock.advance(2_500)
    expect(tries).toBe(3)
    expect(log.filter((name) => name === 'UPLINK_SEND_FAILED')).toHaveLength(1)
    expect(connection.outbox()).toMatchObject({ queued: 2 })
    broken = false
    platform.clock.advance(1_000)
    expect(connection.outbox()).toMatchObject({ queued: 0 })
    expect(server.socket().messages().filter(({ type }) => type === 'order').map(({ data }) => data).slice(-2)).toEqual([1, 2])
  })

  it('says that a message waits when the socket would not take it', () => {
    const { connection } = rig({}, { ...friendly, onSend: (_, frame) => { if (String(frame).includes('"order"')) throw new Error('not now') } })
    void connection.connect()
    expect(connection.send({ type: 'order' })).toMatchObject({ outcome: 'queued' })
    expect(connection.outbox()).toMatchObject({ queued: 1 })
  })

  it('refuses what cannot be encoded, and says so', () => {
    const { connection, errors } = connected()
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    expect(connection.send({ type: 'x', data: circle })).toMatchObject({ outcome: 'refused', reason: 'not_encodable' })
    expect(errors[0]?.code).toBe('UPLINK_ENCODE_FAILED')
  })
})

describe('json() in the dialect of another server', () => {
  it('can use other words for the heartbeat, or none', () => {
    const { server, connection } = connected({ protocol: json({ ping: 'heartbeat' }) })
    expect(server.socket().messages()[0]).toMatchObject({ type: 'heartbeat' })
    server.socket().receive({ type: 'heartbeat_ack' })
    expect(connection.latency().samples).toHaveLength(1)
  })
})
