/** The page of the ticker bench: rows with the last price of their symbol, fed by array streams, by hand or by `uplink/market`. */
import { type ReactNode, useState, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'
import { UplinkProvider, createUplink } from 'uplink'
import { binance, createMarketData } from 'uplink/market'
import { usePrice } from 'uplink/market/react'

interface MiniTicker { readonly s: string; readonly c: string }

/** The array stream of all symbols. */
const ALL = '!miniTicker@arr'

const parameters = new URLSearchParams(location.search)
const url = `ws://${parameters.get('server')}/stream`
const symbols = Array.from({ length: Number(parameters.get('rows')) }, (_, index) => `COIN${index}USDT`)
/** Made by the page before React is there. */
const { counts } = window as unknown as { readonly counts: Record<'seen' | 'commits' | 'frames' | 'late', number> }
const total = Number(parameters.get('total'))

const Cell = ({ symbol, value }: { readonly symbol: string; readonly value: string | null | undefined }): ReactNode => <span data-symbol={symbol}>{value ?? '–'} </span>

/** By hand: a map, listeners by symbol, one notification a frame for those whose price is new. */
function makeStore() {
  const prices = new Map<string, string>()
  const listeners = new Map<string, () => void>()
  let changed = new Set<string>()
  const socket = new WebSocket(url)
  socket.onopen = () => socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: [ALL], id: 1 }))
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    const { data: list } = JSON.parse(data) as { readonly data?: readonly MiniTicker[] }
    if (list === undefined) return
    counts.seen++
    if (changed.size === 0) {
      requestAnimationFrame(() => {
        const due = changed
        changed = new Set()
        for (const symbol of due) listeners.get(symbol)?.()
      })
    }
    for (const { s, c } of list) {
      prices.set(s, c)
      changed.add(s)
    }
  }
  return {
    get: (symbol: string) => prices.get(symbol),
    follow: (symbol: string) => (listener: () => void) => {
      listeners.set(symbol, listener)
      return () => listeners.delete(symbol)
    },
  }
}

function ByHand(): ReactNode {
  const [store] = useState(makeStore)
  return symbols.map((symbol) => <ByHandCell key={symbol} symbol={symbol} store={store} />)
}
function ByHandCell({ symbol, store }: { readonly symbol: string; readonly store: ReturnType<typeof makeStore> }): ReactNode {
  const [follow] = useState(() => store.follow(symbol))
  return <Cell symbol={symbol} value={useSyncExternalStore(follow, () => store.get(symbol))} />
}

function Market(): ReactNode {
  const [uplink] = useState(() => {
    const made = createUplink({ url, protocol: binance() })
    createMarketData({ uplink: made, tickers: 'all' })
    made.channel(ALL).onMessage(() => { counts.seen++ })
    return made
  })
  return <UplinkProvider uplink={uplink}>{symbols.map((symbol) => <MarketCell key={symbol} symbol={symbol} />)}</UplinkProvider>
}
function MarketCell({ symbol }: { readonly symbol: string }): ReactNode {
  return <Cell symbol={symbol} value={usePrice(symbol).data} />
}

let finish: () => void = () => undefined
Object.assign(window, { whole: new Promise<void>((resolve) => { finish = resolve }) })

let before = 0
function frame(now: number): void {
  if (counts.seen >= total) return finish()
  if (before > 0 && counts.seen > 0) {
    counts.frames++
    counts.late += Math.max(0, Math.round((now - before) / (1_000 / 60)) - 1)
  }
  before = now
  requestAnimationFrame(frame)
  return undefined
}
requestAnimationFrame(frame)

createRoot(document.getElementById('root') as HTMLElement).render(parameters.get('variant')?.startsWith('by hand') === true ? <ByHand /> : <Market />)
