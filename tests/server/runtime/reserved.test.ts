/** Types that only a server says cannot be put into its mouth. */
import type { Server } from 'node:http'
import { io } from 'socket.io-client'
import { expect, it, onTestFinished } from 'vitest'
import { RESERVED_TYPES } from '../../../src/protocol/uplink-v1.ts'
import { socketIoDoor } from '../../../src/server/doors/socket-io.ts'
import { channel, everyone, wsDoor } from '../../../src/server/index.ts'
import { type Running, bare, client, startServer } from './support.ts'

/** What a client may ask for; every other reserved type is a server's. */
const ASKED = new Set(['hello', 'authenticate', 'ping', 'pong', 'subscribe', 'unsubscribe', 'status', 'history', 'batch', 'heartbeat', 'heartbeat_ack'])
/** Their id is that of another message, which is not refused by this. */
const ANSWERS = new Set(['ack', 'nack'])
const SERVERS = [...RESERVED_TYPES].filter((type) => !ASKED.has(type))

const start = (): Promise<Running> => startServer({
  doorsOf: (http: Server) => [wsDoor({ server: http }), socketIoDoor({ server: http })], channels: [channel('room', { subscribe: everyone, publish: everyone })],
})

it('they are the words of a server, and among them is snapshot', () => {
  expect(SERVERS).toEqual(expect.arrayContaining(['connection', 'subscription_confirmed', 'ack', 'nack', 'error', 'goodbye', 'notice', 'snapshot']))
})

it.each(SERVERS)('"%s" is refused, alone and in a batch, and nobody who follows the channel hears it', async (type) => {
  const { server, url } = await start()
  const witness = await bare(url)
  witness.say({ type: 'subscribe', channels: ['room'] })
  await expect.poll(() => witness.frames.at(-1)).toMatchObject({ type: 'subscription_confirmed' })
  const socket = await bare(url)
  const refusal = (id: string): object => (ANSWERS.has(type) ? { type: 'error', code: 'bad_frame' } : { type: 'nack', id, code: 'invalid', retryable: false })
  socket.say({ type, channel: 'room', data: 'forged', id: 'a' })
  await expect.poll(() => socket.frames.at(-1)).toMatchObject(refusal('a'))
  socket.say({ type, channel: 'room', data: 'forged' })
  await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'error', code: 'bad_frame' })
  socket.say({ type: 'batch', messages: [{ type, channel: 'room', data: 'forged', id: 'b' }, { type: 'note', channel: 'room', data: 'honest', id: 'c' }] })
  await expect.poll(() => socket.frames.slice(-2)).toMatchObject([refusal('b'), { type: 'ack', id: 'c' }])
  await expect.poll(() => witness.frames.slice(2).map(({ type: heard, data }) => [heard, data])).toEqual([['note', 'honest']])
  // Nothing was begun, and nothing is remembered.
  socket.say({ type: 'status', ids: ['a', 'b'] })
  await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'status', unseen: ['a', 'b'] })
  await expect(server.publish('room', 1, { type })).rejects.toThrow(type)
})

it('a snapshot that another client forged never reaches a channel of ours', async () => {
  const { url, port } = await start()
  const connection = client(url)
  const heard: unknown[] = []
  connection.channel('room').onMessage((data, { type }) => void heard.push([type, data]))
  await expect.poll(() => connection.channel('room').snapshot().status).toBe('live')
  const socket = io(`http://127.0.0.1:${port}`, { forceNew: true })
  onTestFinished(() => void socket.disconnect())
  socket.emit('message', { type: 'snapshot', channel: 'room', data: 'forged' })
  expect(await socket.timeout(2_000).emitWithAck('snapshot', 'forged')).toMatchObject({ type: 'nack', code: 'invalid' })
  socket.emit('message', { type: 'note', channel: 'room', data: 'honest' })
  await expect.poll(() => heard).toEqual([['note', 'honest']])
  expect(connection.send({ type: 'snapshot', channel: 'room', data: 'forged' }).outcome).toBe('refused')
})
