/** A server for tests behind msw: in Storybook, in a browser without a server, in vitest. */
import { type WebSocketHandler, ws } from 'msw'
import { browserPlatform } from '../../engine/platform.ts'
import { createBackend } from '../backend/backend.ts'
import type { Backend, BackendOptions, Kept } from '../backend/options.ts'

/** A server that msw stands in for. */
export interface MockServer extends Backend {
  /** For `setupWorker(...handlers)`, `setupServer(...handlers)`, or a story's `parameters.msw`. */
  readonly handlers: readonly WebSocketHandler[]
  /** The process goes: connections break off, new ones are closed at once. */
  stop(): void
  /** It comes back with what it kept; where it runs, it is stopped first. @default keeps everything */
  start(kept?: Kept): void
}

/** msw cannot break a connection off; this is the code that a client retries in the same way. */
const BROKEN_OFF = 1012

/**
 * Makes a server that answers every WebSocket to `url`.
 *
 * @param url - as msw matches it, with `*` for anything
 *
 * @example
 * const server = createMockServer('wss://live.example/ws')
 * await setupWorker(...server.handlers).start()
 * server.publish('prices', { bid: 1 })
 */
export function createMockServer(url: string, options: BackendOptions = {}): MockServer {
  const backend = createBackend(browserPlatform(), options)
  let runs = true
  const handler = ws.link(url).addEventListener('connection', ({ client }) => {
    if (!runs) return client.close(BROKEN_OFF, 'the server is away')
    let open = true
    const end = (): void => {
      if (open) events.closed()
      open = false
    }
    const events = backend.accept({
      send: (text) => { if (open) client.send(text) },
      close(code = BROKEN_OFF, reason) {
        end()
        client.close(code, reason)
      },
    })
    client.addEventListener('message', ({ data }) => events.frame(typeof data === 'string' ? data : ''))
    client.addEventListener('close', end)
  })
  function stop(): void {
    runs = false
    backend.stop()
  }
  return {
    ...backend,
    handlers: [handler],
    stop,
    start(kept = 'everything') {
      if (runs) stop()
      runs = true
      backend.start(kept)
    },
  }
}
