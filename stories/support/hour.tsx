/** Hours in the life of a connection, lived through by the real thing in virtual time. */
import { type ReactNode, useState } from 'react'
import { type Uplink, type UplinkOptions, UplinkProvider, connectionRecord, createUplink } from 'uplink'
import { type FakePlatform, createFakePlatform, scriptedTransport } from 'uplink/testing'

/** What happens to a connection. */
export interface Life {
  readonly platform: FakePlatform
  readonly uplink: Uplink
  /** Lets time pass while round trips take about `roundTripMs`. */
  live(ms: number, roundTripMs: number): void
  /** Takes the server away for some time; `code` is how it closes. */
  outage(ms: number, code?: number): void
  /** The server answers nothing any more, and closes nothing either. */
  vanish(ms: number): void
}

/** A life that begins a little before ten. */
export function createLife({ mute: isMute = false, ...options }: Partial<UplinkOptions> & { readonly mute?: boolean } = {}): Life {
  const platform = createFakePlatform({ seed: 7 })
  platform.clock.jump(9 * 3_600_000 + 40 * 60_000)
  let [up, mute, roundTripMs, beat] = [true, isMute, 40, 0]
  const server = scriptedTransport({
    onDial: (socket) => (up ? socket.open() : platform.clock.setTimer(() => socket.end(), 10)),
    onSend(socket, frame) {
      if (mute || !String(frame).includes('"ping"')) return
      const wander = 0.75 + 0.25 * Math.sin(++beat / 9) + platform.random() ** 3
      platform.clock.setTimer(() => { if (socket.closed === undefined) socket.receive({ type: 'pong' }) }, Math.round(roundTripMs * wander))
    },
  })
  const uplink = createUplink({ url: 'wss://example.com/ws', platform, transport: server.transport, reconnectInterval: 500, maxReconnectDelay: 4_000, maxReconnectAttempts: Infinity, ...options })
  connectionRecord(uplink).begin()
  void uplink.connect()
  const pass = (ms: number): void => { for (let left = ms; left > 0; left -= 1_000) platform.clock.advance(Math.min(1_000, left)) }
  return {
    platform, uplink,
    live(ms, about) {
      roundTripMs = about
      pass(ms)
    },
    outage(ms, code = 1006) {
      up = false
      server.socket().end({ code })
      pass(ms)
      up = true
    },
    vanish(ms) {
      up = false
      mute = true
      pass(ms)
      up = true
      mute = isMute
    },
  }
}

const MINUTE = 60_000

/** Lives by name; each ends in the state that its name says. */
export const LIVES: Readonly<Record<string, () => Life>> = {
  eventful() {
    const life = createLife()
    life.live(9 * MINUTE, 42)
    life.outage(100_000, 1012)
    life.live(12 * MINUTE, 48)
    life.live(4 * MINUTE, 190)
    life.live(6 * MINUTE, 55)
    life.outage(400)
    life.live(7 * MINUTE, 44)
    life.vanish(4 * MINUTE)
    life.live(MINUTE, 330)
    life.live(15 * MINUTE, 46)
    return life
  },
  calm() {
    const life = createLife()
    life.live(61 * MINUTE, 8)
    return life
  },
  'just begun'() {
    const life = createLife()
    life.live(4 * MINUTE, 40)
    return life
  },
  'never answered'() {
    const life = createLife({ mute: true })
    life.live(30 * MINUTE, 0)
    return life
  },
  'in an outage'() {
    const life = createLife({ maxReconnectAttempts: 5 })
    life.live(50 * MINUTE, 120)
    life.outage(8 * MINUTE)
    return life
  },
  flapping() {
    const life = createLife()
    for (let n = 0; n < 60; n++) {
      life.live(25_000 + (n % 7) * 6_000, 90)
      life.outage(5_000 + (n % 5) * 4_000)
    }
    life.live(20_000, 90)
    return life
  },
  'not connected': () => {
    const life = createLife()
    life.uplink.disconnect()
    return life
  },
}

/** Shows what is below under the uplink of a life. */
export function InLife({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  const [life] = useState(() => (LIVES[name] as () => Life)())
  return <UplinkProvider uplink={life.uplink}>{children}</UplinkProvider>
}

/** Every life on one sheet. */
export function EveryLife({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="story-hours">
      {Object.keys(LIVES).map((name) => (
        <section key={name} className="story-life" aria-label={name}>
          <InLife name={name}>{children}</InLife>
          <small>{name}</small>
        </section>
      ))}
    </div>
  )
}
