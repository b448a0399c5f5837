/** The other end: prices over a WebSocket for pages, and over HTTP for the server that renders their first HTML. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { anonymous, channel, createUplinkServer, everyone, wsDoor } from 'uplink/server'
import type { Price } from '../app/price.ts'

/** A running feed. */
export interface Feed {
  readonly url: string
  /** Publishes a price, and remembers it. */
  publish(price: Price): Promise<void>
  stop(): Promise<void>
}

/** Starts the feed on `port`, or on a free one for 0, for pages of `origins`. */
export async function startFeed(port: number, origins: readonly string[] | '*'): Promise<Feed> {
  const prices = new Map<string, Price>()
  const all = (): Price[] => [...prices.values()]
  const http = createServer((request, response) => {
    if (request.url !== '/prices') return void response.writeHead(404).end()
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(all()))
  })
  const server = createUplinkServer({
    doors: [wsDoor({ server: http })],
    authenticate: anonymous(),
    origins,
    channels: [channel('prices', { subscribe: everyone, snapshot: all })],
  })
  await server.ready
  await new Promise<void>((resolve, refuse) => {
    http.once('error', refuse)
    http.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async publish(price) {
      prices.set(price.symbol, price)
      await server.publish('prices', [price], { key: price.symbol })
    },
    async stop() {
      await server.close()
      await new Promise((resolve) => { http.close(resolve) })
    },
  }
}
