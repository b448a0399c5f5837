/** Market data in components, in real Chromium: who renders, and what. */
import { act, cleanup, render, screen } from '@testing-library/react'
import { Profiler, StrictMode, memo } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it } from 'vitest'
import { UplinkProvider, createUplink, json } from 'uplink'
import { type MarketRest, createMarketData } from 'uplink/market'
import { useKlines, useMarketData, useOrderBook, usePrice, useTrades } from 'uplink/market/react'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'

afterEach(cleanup)

const SYMBOLS = Array.from({ length: 1_000 }, (_, index) => `COIN${index}USDT`)
const ticker = (s: string, c: string, E: number): object => ({ s, E, c, o: '1', h: '2', l: '1', v: '1', q: '1' })

const rest: MarketRest = {
  tickers: async () => [],
  klines: async () => [{ openTime: 0, open: '1', high: '1', low: '1', close: '1.5', volume: '1', closeTime: 59_999, quoteVolume: '1', trades: 1, isClosed: false }],
  aggTrades: async () => [{ id: 1, price: '7.5', quantity: '1', time: 1, isBuyerMaker: true }],
  depth: async () => ({ lastUpdateId: 10, bids: [['1.0', '1'], ['0.9', '2'], ['0.8', '3']], asks: [['1.1', '1'], ['1.2', '2'], ['1.3', '3']] }),
  usage: () => ({ requests: 0, failures: 0, usedWeight: null, blockedUntil: null }),
}

function stage() {
  const platform = createFakePlatform()
  const server = scriptedTransport({
    onDial: (socket) => socket.open(),
    onSend: (socket, frame) => {
      const { type, channels } = JSON.parse(frame as string) as { type: string; channels?: Array<{ channel: string }> }
      if (type === 'subscribe') for (const { channel } of channels ?? []) socket.receive({ type: 'subscription_confirmed', channel })
    },
  })
  const uplink = createUplink({ url: 'wss://venue.test', protocol: json(), transport: server.transport, platform })
  const market = createMarketData({ uplink, rest, tickers: 'all' })
  return {
    uplink, market, server,
    say: (channel: string, data: unknown) => act(async () => {
      server.socket().receive({ type: 'stream', channel, data })
      platform.paint()
    }),
    settle: () => act(async () => {
      await new Promise((resolve) => { setTimeout(resolve, 0) })
      platform.paint()
    }),
  }
}

describe('usePrice', () => {
  it('renders, of a thousand rows, only those whose price has news, once a frame', async () => {
    const { uplink, say, settle } = stage()
    const renders = new Map<string, number>()
    const Row = memo(function Row({ symbol }: { readonly symbol: string }) {
      const { data, source } = usePrice(symbol)
      renders.set(symbol, (renders.get(symbol) ?? 0) + 1)
      return <li data-testid={symbol} data-source={source}>{data}</li>
    })
    let commits = 0
    render(<UplinkProvider uplink={uplink}><Profiler id="rows" onRender={() => { commits++ }}><ul>{SYMBOLS.map((symbol) => <Row key={symbol} symbol={symbol} />)}</ul></Profiler></UplinkProvider>)
    await settle()
    await say('!miniTicker@arr', SYMBOLS.map((symbol) => ticker(symbol, '1.00', 1)))
    renders.clear()
    commits = 0
    await say('!miniTicker@arr', [ticker('COIN3USDT', '3.00', 2), ticker('COIN7USDT', '7.00', 2)])
    expect([Object.fromEntries(renders), commits]).toEqual([{ COIN3USDT: 1, COIN7USDT: 1 }, 1])
    expect(screen.getByTestId('COIN7USDT').textContent).toBe('7.00')
    expect(screen.getByTestId('COIN7USDT').dataset['source']).toBe('live')
  })

  it('says that what it shows is from before when the socket goes', async () => {
    const { uplink, server, say, settle } = stage()
    const Price = () => { const { data, source } = usePrice('AAAUSDT'); return <p>{`${data} ${source}`}</p> }
    render(<StrictMode><UplinkProvider uplink={uplink}><Price /></UplinkProvider></StrictMode>)
    await settle()
    await say('!miniTicker@arr', [ticker('AAAUSDT', '1.50', 1)])
    expect(screen.getByText('1.50 live')).toBeTruthy()
    await act(async () => server.socket().end())
    await settle()
    expect(screen.getByText('1.50 cache')).toBeTruthy()
  })

  it('renders nothing known on a server, and dials nothing', () => {
    const { uplink, server } = stage()
    const Price = () => { const { data, source } = usePrice('AAAUSDT'); return <p>{`${data} ${source}`}</p> }
    expect(renderToString(<UplinkProvider uplink={uplink}><Price /></UplinkProvider>)).toBe('<p>null cache</p>')
    expect(server.sockets).toHaveLength(0)
  })
})

describe('useKlines, useTrades and useOrderBook', () => {
  it('show history at once and what comes after it, and levels that did not change are the same', async () => {
    const { uplink, say, settle } = stage()
    const levels: Array<readonly (readonly [string, string])[]> = []
    function Panel() {
      const klines = useKlines('AAAUSDT', '1m', { limit: 5 })
      const trades = useTrades('AAAUSDT', { limit: 5 })
      const book = useOrderBook('AAAUSDT', { depth: 2 })
      if (book.data !== null) levels.push(book.data.bids)
      return <p data-testid="panel">{[klines.data?.at(-1)?.close, trades.data?.at(-1)?.price, book.data?.bids.map(([price]) => price).join(), book.source].join(' ')}</p>
    }
    render(<UplinkProvider uplink={uplink}><Panel /></UplinkProvider>)
    await settle()
    expect(screen.getByTestId('panel').textContent).toBe('1.5 7.5  cache')
    await say('aaausdt@depth@100ms', { U: 9, u: 11, s: 'AAAUSDT', b: [['1.05', '4']], a: [] })
    await settle()
    expect(screen.getByTestId('panel').textContent).toBe('1.5 7.5 1.05,1.0 live')
    await say('aaausdt@depth@100ms', { U: 12, u: 12, s: 'AAAUSDT', b: [['1.05', '9']], a: [] })
    const [before, after] = levels.slice(-2)
    expect([after?.[0], after?.[1] === before?.[1]]).toEqual([['1.05', '9'], true])
  })
})

describe('useMarketData', () => {
  it('says what to do where there is none', () => {
    const Lost = () => <p>{useMarketData().getStatus().state}</p>
    expect(() => renderToString(<Lost />)).toThrow('call createMarketData({ uplink, rest }) once')
  })
})
