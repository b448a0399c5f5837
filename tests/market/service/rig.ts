/** A venue in the hands of a test: streams over a scripted transport, REST behind a scripted fetch, time by hand. */
import { type MarketDataOptions, createMarketData } from 'uplink/market'
import { binanceRest } from 'uplink/market/rest'
import { type Frame, type Protocol, createUplink } from 'uplink'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'

/** Combined streams, as Binance speaks them, without its limits. */
export const streams: Protocol = {
  name: 'streams',
  features: { acks: false, resume: false, latency: true },
  encode: (message) => JSON.stringify(message),
  decode(frame: Frame) {
    const parsed = JSON.parse(frame as string) as { stream?: string; data?: unknown; id?: unknown }
    return parsed.stream === undefined ? { type: 'reply', data: parsed } : { type: 'stream', channel: parsed.stream, data: parsed.data }
  },
  control(message) {
    if (message.type !== 'reply') return undefined
    const { subscribed } = message.data as { subscribed?: string }
    return subscribed === undefined ? { kind: 'pong' } : { kind: 'subscribed', channel: subscribed }
  },
  ping: () => JSON.stringify({ method: 'PING' }),
  subscribe: (channels) => channels.map(({ channel }) => JSON.stringify({ method: 'SUBSCRIBE', params: [channel] })),
  unsubscribe: (channels) => channels.map(({ channel }) => JSON.stringify({ method: 'UNSUBSCRIBE', params: [channel] })),
}

/** Answers a path of the REST interface. */
export type Answer = (query: URLSearchParams) => unknown

/** Lets everything that waits for no timer happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => { setImmediate(resolve) })
}

/** Makes a venue, and the service that uses it. */
export function createRig({ rest = true, ...options }: Omit<Partial<MarketDataOptions>, 'rest'> & { readonly rest?: boolean } = {}) {
  const platform = createFakePlatform()
  const answers: Record<string, Answer> = {}
  const asked: string[] = []
  const venue = { isUp: true, restIsUp: true }
  const server = scriptedTransport({
    onDial: (socket) => (venue.isUp ? socket.open() : socket.end()),
    onSend(socket, frame) {
      const { method, params } = JSON.parse(frame as string) as { method: string; params?: string[] }
      if (method === 'PING') socket.receive({ result: null })
      if (method === 'SUBSCRIBE') socket.receive({ subscribed: params?.[0] })
    },
  })
  const uplink = createUplink({ url: 'wss://venue.test/stream', protocol: streams, transport: server.transport, platform })
  const errors: string[] = []
  uplink.on('error', ({ code }) => errors.push(code))
  const fetch = async (url: string, { signal }: { readonly signal: AbortSignal }): Promise<Response> => {
    const { pathname, searchParams } = new URL(url)
    asked.push(`${pathname.replace('/api/v3/', '')}?${searchParams.toString()}`)
    await new Promise((resolve) => { setImmediate(resolve) })
    signal.throwIfAborted()
    if (!venue.restIsUp) throw new TypeError('fetch failed')
    const body = answers[pathname.replace('/api/v3/', '')]?.(searchParams)
    if (body instanceof Response) return body
    return body === undefined ? new Response('{"code":-1,"msg":"nothing here"}', { status: 404 }) : Response.json(body)
  }
  const client = binanceRest({ url: 'https://venue.test/api/v3', fetch, platform })
  const market = createMarketData({ uplink, ...(rest ? { rest: client } : {}), ...options })

  return {
    platform, server, uplink, market, answers, asked, errors, venue, client,
    /** A frame of a stream comes in. */
    say: (stream: string, data: unknown): void => server.socket().receive({ stream, data }),
    /** The socket is cut; `isUp: false` keeps it so. */
    cut(isUp = true): void {
      venue.isUp = isUp
      server.socket().end()
    },
    /** Time passes, and what it starts happens. */
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 250) {
        platform.clock.advance(Math.min(left, 250))
        await settle()
      }
    },
    streamsWanted: (): string[] => server.socket().messages().filter(({ method }) => method === 'SUBSCRIBE').flatMap(({ params }) => params as string[]),
  }
}

/** A `24hrMiniTicker`. */
export const miniTicker = (s: string, c: string, E: number): object => ({ e: '24hrMiniTicker', E, s, c, o: '90', h: '120', l: '80', v: '5', q: '500' })

/** A `24hr` ticker of REST. */
export const restTicker = (symbol: string, lastPrice: string, closeTime: number): object => ({
  symbol, lastPrice, openPrice: '90', highPrice: '120', lowPrice: '80', volume: '5', quoteVolume: '500', priceChange: '-1', priceChangePercent: '-1.00', weightedAvgPrice: '95',
  openTime: 0, closeTime, count: 7, bidPrice: '1', firstId: -1,
})
