/** A live feed in the hands of a story: a scripted server that publishes prices, goes away and comes back, in real time. */
import { type ReactNode, useEffect, useState } from 'react'
import { type UplinkOptions, UplinkProvider, createUplink } from 'uplink'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'
import type { Scene } from './scenes.tsx'

/** A scene with a server that can be taken away. */
export interface Feed extends Scene {
  /** Says a price on the channel "prices". */
  publish(bid: number): void
  lose(): void
  comeBack(): void
}

/** Makes a feed that is well. */
export function createFeed(options: Partial<UplinkOptions> = {}): Feed {
  const platform = createFakePlatform({ seed: 5 })
  let up = true
  const server = scriptedTransport({
    onDial: (socket) => (up ? socket.open() : platform.clock.setTimer(() => socket.end(), 10)),
    onSend(socket, frame) {
      const { type, channels = [] } = JSON.parse(String(frame)) as { type: string; channels?: Array<{ channel: string }> }
      if (type === 'ping') platform.clock.setTimer(() => { if (socket.closed === undefined) socket.receive({ type: 'pong' }) }, 42)
      if (type === 'subscribe') for (const { channel } of channels) socket.receive({ type: 'subscription_confirmed', channel })
    },
  })
  const uplink = createUplink({ url: 'wss://example.com/ws', platform, transport: server.transport, reconnectInterval: 300, maxReconnectDelay: 1_000, jitter: 'none', maxReconnectAttempts: Infinity, ...options })
  return {
    platform, server, uplink,
    publish: (bid) => server.socket().receive({ type: 'tick', channel: 'prices', data: { bid } }),
    lose() {
      up = false
      server.socket().end()
    },
    comeBack() {
      up = true
    },
  }
}

/** Lets the clock of a feed follow the real one, ten times a second. */
export function LiveFeed({ feed, children }: { readonly feed: Feed; readonly children: ReactNode }): ReactNode {
  useEffect(() => {
    const timer = setInterval(() => {
      feed.platform.clock.advance(100)
      feed.platform.paint()
    }, 100)
    return () => clearInterval(timer)
  }, [feed])
  return <UplinkProvider uplink={feed.uplink}>{children}</UplinkProvider>
}

/** A feed with buttons to break and mend it. */
export function BreakableFeed({ children }: { readonly children: (feed: Feed) => ReactNode }): ReactNode {
  const [feed] = useState(createFeed)
  return (
    <LiveFeed feed={feed}>
      <div className="story-stack">
        {children(feed)}
        <div style={{ display: 'flex', gap: '0.5rem', flexWrap: 'wrap' }}>
          <button type="button" onClick={() => feed.publish(100 + feed.server.socket().sent.length)}>Publish a price</button>
          <button type="button" onClick={() => feed.lose()}>Lose the connection</button>
          <button type="button" onClick={() => feed.comeBack()}>Bring it back</button>
        </div>
      </div>
    </LiveFeed>
  )
}
