/** The server of the storm bench. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { anonymous, channel, createUplinkServer, everyone, wsDoor } from '../src/server/index.ts'

const many = { max: 1e6, windowMs: 1_000 }
const http = createServer()
const server = createUplinkServer({
  doors: [wsDoor({ server: http })], authenticate: anonymous(), channels: [channel('c', { subscribe: everyone })],
  limits: { guests: { connectionsPerUser: 1e6, connectionsPerAddress: 1e6, handshakes: { ...many, perAddress: 1e6 } } },
})
let number = 0
process.on('message', ({ ask, count = 0 }: { ask: string; count?: number }) => {
  if (ask === 'publish') for (let one = 0; one < count; one++) void server.publish('c', ++number)
  process.send?.({ clients: server.stats().channelStats['c'] ?? 0 })
})
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }))
