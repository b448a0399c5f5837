/** The page of the stream bench: 200 components, each showing its channel's last price, fed one way or another. */
import { type ReactNode, Profiler, useEffect, useState, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'
import PartySocket from 'partysocket/ws'
import useWebSocketModule from 'react-use-websocket'
import { UplinkProvider, createUplink, useChannel } from 'uplink'

interface Tick { readonly channel: string; readonly data: number }

const COMPONENTS = 200
const parameters = new URLSearchParams(location.search)
const url = `ws://${parameters.get('server')}/`
const channels = Array.from({ length: COMPONENTS }, (_, index) => `c${index}`)
const counts = { seen: 0, commits: 0, frames: 0, late: 0 }
Object.assign(window, { counts })

const Cell = ({ value }: { readonly value: number | undefined }): ReactNode => <span>{value ?? '–'}</span>
const Grid = ({ children }: { readonly children: ReactNode }): ReactNode =>
  <Profiler id="grid" onRender={() => { counts.commits++ }}><div>{children}</div></Profiler>

/** By hand: one store, one notification a frame. */
function makeStore() {
  const values = new Map<string, number>()
  const listeners = new Set<() => void>()
  let asked = false
  const socket = new WebSocket(url)
  socket.onopen = () => socket.send(JSON.stringify({ type: 'subscribe', channels }))
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as Tick
    if (message.channel === undefined) return
    counts.seen++
    values.set(message.channel, message.data)
    if (asked) return
    asked = true
    requestAnimationFrame(() => {
      asked = false
      for (const listener of listeners) listener()
    })
  }
  return {
    get: (channel: string) => values.get(channel),
    subscribe: (listener: () => void) => { listeners.add(listener); return () => listeners.delete(listener) },
  }
}

function Baseline(): ReactNode {
  const [store] = useState(makeStore)
  return <Grid>{channels.map((channel) => <BaselineCell key={channel} channel={channel} store={store} />)}</Grid>
}
function BaselineCell({ channel, store }: { readonly channel: string; readonly store: ReturnType<typeof makeStore> }): ReactNode {
  return <Cell value={useSyncExternalStore(store.subscribe, () => store.get(channel))} />
}

function Uplink(): ReactNode {
  const [uplink] = useState(() => createUplink({ url }))
  return <UplinkProvider uplink={uplink}><Grid>{channels.map((channel) => <UplinkCell key={channel} channel={channel} />)}</Grid></UplinkProvider>
}
const count = (): void => { counts.seen++ }
function UplinkCell({ channel }: { readonly channel: string }): ReactNode {
  return <Cell value={useChannel<number>(channel, { onMessage: count }).data} />
}

/** As its README suggests: the socket in an effect, a state a message. */
function Party(): ReactNode {
  const [values, setValues] = useState<Readonly<Record<string, number>>>({})
  useEffect(() => {
    const socket = new PartySocket(url)
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'subscribe', channels })))
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as Tick
      if (message.channel === undefined) return
      counts.seen++
      setValues((before) => ({ ...before, [message.channel]: message.data }))
    })
    return () => socket.close()
  }, [])
  return <Grid>{channels.map((channel) => <Cell key={channel} value={values[channel]} />)}</Grid>
}

/** Its default export is an object where a bundler follows Node's rules. */
const useWebSocket = (typeof useWebSocketModule === 'function' ? useWebSocketModule : (useWebSocketModule as { default: typeof useWebSocketModule }).default)

function ReactUse(): ReactNode {
  const [values, setValues] = useState<Readonly<Record<string, number>>>({})
  const { sendJsonMessage } = useWebSocket<Tick | null>(url, {
    onMessage: ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as Tick
      if (message.channel === undefined) return
      counts.seen++
      setValues((before) => ({ ...before, [message.channel]: message.data }))
    },
  })
  useEffect(() => sendJsonMessage({ type: 'subscribe', channels }), [sendJsonMessage])
  return <Grid>{channels.map((channel) => <Cell key={channel} value={values[channel]} />)}</Grid>
}

const VARIANTS: Readonly<Record<string, () => ReactNode>> = {
  'baseline': Baseline, 'baseline again': Baseline, 'uplink': Uplink, 'partysocket': Party, 'react-use-websocket': ReactUse,
}

let before = 0
function frame(now: number): void {
  if (before > 0) {
    counts.frames++
    counts.late += Math.max(0, Math.round((now - before) / (1_000 / 60)) - 1)
  }
  before = now
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)

const Variant = VARIANTS[parameters.get('variant') ?? ''] ?? Baseline
createRoot(document.getElementById('root') as HTMLElement).render(<Variant />)
