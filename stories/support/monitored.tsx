/** A connection for the monitor to look at: the real server logic, in the page, behind a link that can be broken. */
import { type ReactNode, useEffect, useState } from 'react'
import { type Uplink, UplinkProvider, createUplink } from 'uplink'
import { type FaultController, faults } from 'uplink/devtools/faults'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'
import { type FakePlatform, createFakePlatform, createSimulatedServer, createVirtualClock, reject, scriptedTransport } from 'uplink/testing'

export interface MonitoredScene {
  readonly uplink: Uplink
  readonly controller: FaultController
  /** Lets time pass, and the server speak. */
  beat(ms: number): void
}

const SYMBOLS = ['btcusdt', 'ethusdt', 'solusdt', 'dogeusdt']

/** Not the time of whoever looks: a picture of it shall be the same tomorrow. */
const BEGIN_MS = Date.UTC(2026, 10, 20, 9, 41, 7)

function pageAtNine(): FakePlatform {
  const clock = createVirtualClock()
  clock.jump(BEGIN_MS - clock.time())
  return createFakePlatform({ seed: 11, clock })
}

/** A trading page: four feeds, orders, one of which is refused, and a login with a secret. */
export function tradingScene(): MonitoredScene {
  const platform = pageAtNine()
  const server = createSimulatedServer(platform, { permit: (_, channel) => channel !== 'admin' })
  server.handle('order', ({ data }) => {
    const { quantity } = data as { readonly quantity: number }
    if (quantity > 9) throw reject('limit')
    return { accepted: quantity }
  })
  server.handle('session', () => ({ ok: true }))
  const { transport, controller } = faults(server.network.transport, { platform, onNetwork: (isOnline) => platform.fire(isOnline ? 'online' : 'offline') })
  const uplink = createUplink({ url: 'wss://feed.example/ws', platform, transport, protocol: uplinkProtocol(), connectionGrace: 3_600_000, credentials: () => 'eyJhbGciOi.secret', heartbeatInterval: 1_000, heartbeatTimeout: 1_000 })
  for (const symbol of SYMBOLS) uplink.channel(`trades.${symbol}`)
  uplink.channel('admin')
  void uplink.connect()
  let elapsed = 0
  let price = 64_210
  return {
    uplink,
    controller,
    beat(ms) {
      const before = elapsed
      elapsed += ms
      const each = (everyMs: number): boolean => Math.floor(elapsed / everyMs) > Math.floor(before / everyMs)
      for (const [index, symbol] of SYMBOLS.entries()) {
        if (!each(140 * (index + 1) ** 2)) continue
        price += (platform.random() - 0.5) * 40
        server.publish(`trades.${symbol}`, { price: Number((price / (index * 7 + 1)).toFixed(2)), quantity: Number(platform.random().toFixed(4)), side: platform.random() > 0.5 ? 'buy' : 'sell' }, { type: 'trade' })
      }
      if (each(2_600)) void uplink.sendWithAck({ type: 'order', channel: 'orders', data: { symbol: 'btcusdt', quantity: Math.ceil(platform.random() * 12) } })
      if (each(11_000)) void uplink.sendWithAck({ type: 'session', data: { user: 'ann', apiKey: 'sk-live-3f9a', callback: 'https://example.com/?token=abc' } })
      platform.clock.advance(ms)
    },
  }
}

/** A feed of so many messages a second, straight from the socket. */
export function floodScene(perSecond: number): MonitoredScene {
  const platform = pageAtNine()
  const server = scriptedTransport({
    onDial: (socket) => socket.open(),
    onSend: (socket, frame) => { if (String(frame).includes('"ping"')) socket.receive('{"type":"pong"}') },
  })
  const { transport, controller } = faults(server.transport, { platform, onNetwork: () => undefined })
  const uplink = createUplink({ url: 'wss://flood.example/ws', platform, transport, connectionGrace: 3_600_000 })
  void uplink.connect()
  let serial = 0
  return {
    uplink,
    controller,
    beat(ms) {
      for (let left = Math.round((perSecond * ms) / 1_000); left > 0 && uplink.getState().state === 'connected'; left--) {
        serial++
        server.socket().receive(`{"type":"tick","channel":"c${serial % 40}","data":{"serial":${serial},"price":${(serial * 7) % 1_000}},"timestamp":${platform.time()}}`)
      }
      platform.clock.advance(ms)
    },
  }
}

/** A scene that has lived for a while before anybody looks, and goes on living. Made once. */
export function LivingScene({ scene: make, children }: { readonly scene: () => MonitoredScene; readonly children: (scene: MonitoredScene) => ReactNode }): ReactNode {
  const [scene] = useState(make)
  useEffect(() => {
    const timer = setInterval(() => scene.beat(100), 100)
    return () => clearInterval(timer)
  }, [scene])
  return <UplinkProvider uplink={scene.uplink}>{children(scene)}</UplinkProvider>
}
