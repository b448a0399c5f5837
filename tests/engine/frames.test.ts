/** What tools hear of the wire: every frame, both ways, once, as it travels. */
import { describe, expect, it } from 'vitest'
import { uplink } from 'uplink/protocols/uplink'
import { createFakePlatform, createSimulatedServer } from 'uplink/testing'
import { createConnection } from 'uplink/engine'
import { rig } from './support.ts'

describe('frameReceived and frameSent', () => {
  it('tell of every frame as it travels: heartbeats, messages, and what nobody can read', () => {
    const { connection, server } = rig()
    const heard: string[] = []
    connection.on('frameReceived', (frame) => heard.push(`< ${String(frame)}`))
    connection.on('frameSent', (frame) => heard.push(`> ${String(frame)}`))
    void connection.connect()
    connection.send({ type: 'a', data: 1, timestamp: 5 })
    server.socket().receive('{"type":"b","data":2}')
    server.socket().receive('not JSON')
    expect(heard).toHaveLength(5)
    // This server answers before the send has returned.
    expect(heard.shift()).toBe('< {"type":"pong"}')
    expect(heard[0]).toMatch(/^> \{"type":"ping"/)
    expect(heard.slice(1)).toEqual(['> {"type":"a","data":1,"timestamp":5}', '< {"type":"b","data":2}', '< not JSON'])
    expect(server.socket().sent).toEqual(heard.filter((line) => line.startsWith('>')).map((line) => line.slice(2)))
  })

  it('tell of a batch once, and of a greeting with what is secret in it', async () => {
    const platform = createFakePlatform()
    const server = createSimulatedServer(platform)
    const connection = createConnection({ url: 'wss://test.example/ws', protocol: uplink(), platform, transport: server.network.transport, credentials: () => 'opensesame' })
    const sent: string[] = []
    connection.on('frameSent', (frame) => sent.push(String(frame)))
    void connection.connect()
    await platform.clock.advanceAsync(2_000)
    sent.splice(1, Infinity)
    for (const type of ['a', 'b', 'c']) connection.send({ type })
    await platform.clock.advanceAsync(100)
    expect(sent[0]).toContain('opensesame')
    expect(sent.slice(1).map((frame) => (JSON.parse(frame) as { type: string }).type)).toEqual(['batch'])
  })

  it('a listener that throws, or ends the connection, changes nothing for the frame', () => {
    const { connection, server, log } = rig()
    const heard: unknown[] = []
    connection.subscribe('b', (data) => heard.push(data))
    connection.on('frameReceived', () => { throw new Error('mine') })
    void connection.connect()
    server.socket().receive({ type: 'b', data: 1 })
    expect(heard).toEqual([1])
    expect(log).toContain('UPLINK_LISTENER_FAILED')
    connection.on('frameReceived', () => connection.disconnect())
    server.socket().receive({ type: 'b', data: 2 })
    expect(heard).toEqual([1])
    expect(connection.snapshot().state).toBe('disconnected')
  })
})
