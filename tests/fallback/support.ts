/** A connection with a fallback on a virtual clock, a socket that a test scripts, and requests that it answers. */
import { type Connection, type ConnectionOptions, createConnection } from 'uplink/engine'
import { type PollOptions, type PollRequest, type PollResult, poll } from 'uplink/fallback'
import { type FakePlatform, type ScriptOptions, type ScriptedTransport, createFakePlatform, scriptedTransport } from 'uplink/testing'

/** One request that is under way, in the hands of a test. */
export interface Asked {
  readonly channel: string
  readonly request: PollRequest
  /** When it was asked, by the virtual clock. */
  readonly at: number
  answer(result: PollResult): void
  fail(thrown: unknown): void
}

export interface FallbackRig {
  readonly platform: FakePlatform
  readonly server: ScriptedTransport
  readonly connection: Connection
  /** All requests so far, oldest first. */
  readonly asked: Asked[]
  /** What was told: errors, sources, gaps, polls. */
  readonly log: string[]
  /** Lets time pass, promises included. */
  pass(ms: number): Promise<void>
}

/** A server that opens, confirms channels and answers pings. */
export const confirming: ScriptOptions = {
  onDial: (socket) => socket.open(),
  onSend: (socket, frame) => {
    const message = JSON.parse(String(frame)) as { type: string; channels?: Array<{ channel: string }> }
    if (message.type === 'ping') socket.receive({ type: 'pong' })
    if (message.type === 'subscribe') for (const { channel } of message.channels ?? []) socket.receive({ type: 'subscription_confirmed', channel })
  },
}

/** No socket ever opens: every dial is refused. */
export const blocked: ScriptOptions = { onDial: (socket) => socket.end() }

export interface RigOptions extends Partial<Omit<PollOptions, 'fetch'>> {
  /** Answers at once; without it a test answers through `asked`. */
  readonly fetch?: PollOptions['fetch']
  readonly connection?: Partial<ConnectionOptions>
  readonly seed?: number
}

export function fallbackRig({ fetch, connection: more = {}, seed = 1, ...options }: RigOptions = {}, script: ScriptOptions = confirming): FallbackRig {
  const platform = createFakePlatform({ seed })
  const server = scriptedTransport(script)
  const asked: Asked[] = []
  const log: string[] = []
  const hanging: PollOptions['fetch'] = (channel, request) => new Promise((answer, fail) => asked.push({ channel, request, at: platform.now(), answer, fail }))
  const fallback = poll({ fetch: fetch ?? hanging, ...options })
  const connection = fallback.over(createConnection, { url: 'wss://test.example/ws', platform, transport: server.transport, heartbeat: false, ...more })
  connection.on('error', ({ code }) => log.push(code))
  connection.on('source', ({ channel, source }) => log.push(`${channel}: ${source}`))
  connection.on('gap', ({ channel, gap }) => log.push(`${channel}: ${gap.reason} ${gap.from}-${gap.to ?? ''}`))
  return { platform, server, connection, asked, log, pass: (ms) => platform.clock.advanceAsync(ms) }
}
