/** A server, a network and a page that live in a story: the real server logic of this package, in virtual time that follows the real one. */
import { type Uplink, type UplinkOptions, createUplink } from 'uplink'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'
import { type BackendOptions, type FakePlatform, type SimulatedServer, createFakePlatform, createSimulatedServer, seededRandom } from 'uplink/testing'

/** A quote, as the server publishes it on `quotes`. */
export interface Quote {
  readonly symbol: string
  readonly price: number
  /** Since the world began, in percent. */
  readonly change: number
}

/** What can go wrong, in the words of its button. */
export type Fault = 'cut' | 'half-open' | 'offline' | 'restart' | 'overloaded' | 'blocked' | 'slow'

/** A world, and what can be done to it. */
export interface World {
  readonly platform: FakePlatform
  readonly server: SimulatedServer
  readonly uplink: Uplink
  /** Lets time pass, and the market with it. */
  pass(ms: number): void
  break(fault: Fault): void
  heal(): void
}

/** The market of every story. */
export const SYMBOLS: Readonly<Record<string, number>> = {
  'BTC-USD': 64_210, 'ETH-USD': 3_142.5, 'SOL-USD': 171.3, 'EUR-USD': 1.0842, AAPL: 231.4, NVDA: 134.9, TSLA: 248.2, XAU: 2_712,
}

const QUOTES_EVERY_MS = 300
const RESTART_MS = 6_000
const OPENING_MS = 10.7 * 3_600_000
const FAST: readonly [number, number] = [14, 26]

/** Makes a world in which everything is well. */
export function createWorld(options: Partial<UplinkOptions> = {}, backend: BackendOptions = {}): World {
  const platform = createFakePlatform({ seed: 7 })
  // In the middle of a working day, most places of the world.
  platform.clock.jump(OPENING_MS)
  const server = createSimulatedServer(platform, backend)
  const { conditions } = server.network
  conditions.delayMs = FAST
  const uplink = createUplink({
    url: 'wss://live.example', protocol: uplinkProtocol(), platform, transport: server.network.transport, connectionGrace: 3_600_000,
    heartbeatInterval: 1_500, heartbeatTimeout: 1_500, reconnectInterval: 3_000, maxReconnectDelay: 9_000, jitter: 'none', ...options,
  })
  const chance = seededRandom(11)
  const prices = new Map(Object.entries(SYMBOLS))
  const names = Object.keys(SYMBOLS)
  let sinceQuotes = 0

  function quote(symbol: string): Quote {
    const base = SYMBOLS[symbol] ?? 1
    const known = prices.get(symbol) ?? base
    const price = chance() < 0.6 ? known * (1 + (chance() - 0.495) / 900) : known
    prices.set(symbol, price)
    return { symbol, price, change: (price / base - 1) * 100 }
  }

  function publish(): void {
    server.publish('quotes', names.map(quote))
  }

  const faults: Readonly<Record<Fault, () => void>> = {
    cut() {
      conditions.admission = 'refuse'
      server.network.cut()
    },
    'half-open': () => {
      conditions.admission = 'hang'
      server.network.silence()
    },
    offline() {
      platform.fire('offline')
      conditions.admission = 'refuse'
      server.network.cut()
    },
    restart() {
      server.stop()
      platform.clock.setTimer(() => server.start(), RESTART_MS)
    },
    overloaded: () => server.dropAll(1013, 'overloaded'),
    blocked: () => server.dropAll(4403, 'blocked'),
    slow() {
      conditions.delayMs = [260, 480]
    },
  }

  return {
    platform, server, uplink,
    pass(ms) {
      for (let rest = ms; rest > 0; rest -= 50) {
        platform.clock.advance(Math.min(50, rest))
        sinceQuotes += 50
        if (sinceQuotes >= QUOTES_EVERY_MS) {
          sinceQuotes = 0
          publish()
        }
      }
      platform.paint()
    },
    break: (fault) => faults[fault](),
    heal() {
      conditions.admission = 'open'
      conditions.delayMs = FAST
      server.start()
      if (platform.isOnline() === false) platform.fire('online')
      uplink.reconnect()
    },
  }
}
