/** The page of the stream bench: 200 components, each showing its channel's last price, fed one way or another. */
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'
import PartySocket from 'partysocket/ws'
import useWebSocketModule from 'react-use-websocket'
import { UplinkProvider, createUplink, useChannel } from 'uplink'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'

interface Tick { readonly channel: string; readonly data: number }

const COMPONENTS = 200
const parameters = new URLSearchParams(location.search)
const url = `ws://${parameters.get('server')}/`
const channels = Array.from({ length: COMPONENTS }, (_, index) => `c${index}`)
/** Made by the page before React is there. */
const { counts } = window as unknown as { readonly counts: Record<'seen' | 'commits' | 'frames' | 'late', number> }

const Cell = ({ value }: { readonly value: number | undefined }): ReactNode => <span>{value ?? '–'}</span>
const Grid = ({ children }: { readonly children: ReactNode }): ReactNode => <div>{children}</div>

/** What a socket says to begin with, and what it answers the greeting with, if it is greeted. */
interface Wire { readonly protocols: string[]; readonly first: object; readonly second?: object }

const subscribe = { type: 'subscribe', channels }
const PLAIN: Wire = { protocols: [], first: subscribe }
const BATCHES: Wire = { protocols: ['uplink.v1'], first: { type: 'hello', versions: [1], clientId: 'by-hand', maxFrame: 1_048_576 }, second: subscribe }

/** By hand: one store, one notification a frame. */
function makeStore({ protocols, first, second }: Wire) {
  const values = new Map<string, number>()
  const listeners = new Set<() => void>()
  let asked = false
  const socket = new WebSocket(url, protocols)
  socket.onopen = () => socket.send(JSON.stringify(first))
  function take(message: Tick): void {
    counts.seen++
    values.set(message.channel, message.data)
    if (asked) return
    asked = true
    requestAnimationFrame(() => {
      asked = false
      for (const listener of listeners) listener()
    })
  }
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as Tick & { readonly type: string; readonly messages?: readonly Tick[] }
    if (message.type === 'tick') take(message)
    else if (message.type === 'batch') message.messages?.forEach(take)
    else if (message.type === 'connection' && second !== undefined) socket.send(JSON.stringify(second))
  }
  return {
    get: (channel: string) => values.get(channel),
    subscribe: (listener: () => void) => { listeners.add(listener); return () => listeners.delete(listener) },
  }
}

function Baseline({ wire }: { readonly wire: Wire }): ReactNode {
  const [store] = useState(() => makeStore(wire))
  return <Grid>{channels.map((channel) => <BaselineCell key={channel} channel={channel} store={store} />)}</Grid>
}
function BaselineCell({ channel, store }: { readonly channel: string; readonly store: ReturnType<typeof makeStore> }): ReactNode {
  return <Cell value={useSyncExternalStore(store.subscribe, () => store.get(channel))} />
}

function Uplink({ protocol }: { readonly protocol?: ReturnType<typeof uplinkProtocol> }): ReactNode {
  const [uplink] = useState(() => createUplink({ url, ...(protocol === undefined ? {} : { protocol }) }))
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
  'baseline': () => <Baseline wire={PLAIN} />,
  'baseline again': () => <Baseline wire={PLAIN} />,
  'uplink': () => <Uplink />,
  'by hand, batches': () => <Baseline wire={BATCHES} />,
  'uplink, batches': () => <Uplink protocol={uplinkProtocol()} />,
  'partysocket': Party,
  'react-use-websocket': ReactUse,
}

const total = Number(parameters.get('total'))
let finish: () => void = () => undefined
Object.assign(window, { whole: new Promise<void>((resolve) => { finish = resolve }) })

let before = 0
function frame(now: number): void {
  if (counts.seen >= total) return finish()
  if (before > 0) {
    counts.frames++
    counts.late += Math.max(0, Math.round((now - before) / (1_000 / 60)) - 1)
  }
  before = now
  requestAnimationFrame(frame)
  return undefined
}
requestAnimationFrame(frame)

const { [parameters.get('variant') ?? '']: Variant } = VARIANTS
if (Variant === undefined) throw new Error('the page knows no such variant')
createRoot(document.getElementById('root') as HTMLElement).render(<Variant />)
