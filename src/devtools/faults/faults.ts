/** `faults()`: a transport whose link can be broken on purpose, by the panel of the monitor or by a test. No React. */
import { type StoreApi, createStore } from 'zustand/vanilla'
import { UplinkError } from '../../core/errors.ts'
import { readNumber } from '../../core/policy.ts'
import { type Platform, browserPlatform } from '../../engine/platform.ts'
import { type Transport, webSocket } from '../../engine/transport.ts'
import { type Link, openLink } from './link.ts'
import { type Faults, NO_FAULTS, changeFaults } from './state.ts'

/** Options of {@link faults}. */
export interface FaultOptions {
  /** Clock and chance. @default browserPlatform() */
  readonly platform?: Platform
  /**
   * Called when the fault `offline` is switched on or off.
   * @default the window is told, by the event `offline` or `online`, as a browser tells it
   */
  readonly onNetwork?: (isOnline: boolean) => void
}

/** What the link carries at the moment, and what it has lost. */
export interface FaultCounts {
  /** Sockets that are open, or opening. */
  readonly sockets: number
  /** Frames that wait in a link. */
  readonly held: number
  /** Frames that were lost on purpose. */
  readonly lost: number
}

/** Breaks the link, and mends it. A store of the faults that are on. */
export interface FaultController extends Pick<StoreApi<Faults>, 'getState' | 'getInitialState' | 'subscribe'> {
  /**
   * Switches faults on and off; those that are not named stay.
   * @throws UplinkError `UPLINK_OPTION_INVALID`.
   */
  set(change: Partial<Faults>): void
  /**
   * Ends all sockets as a server does, with this code. Returns how many there were.
   * @param code - 1000 to 4999
   * @throws UplinkError `UPLINK_OPTION_INVALID`.
   */
  close(code: number, reason?: string): number
  /** Switches all faults off. */
  heal(): void
  counts(): FaultCounts
}

/** A transport, and what breaks it. */
export interface FaultyTransport {
  readonly transport: Transport
  readonly controller: FaultController
}

function tellWindow(isOnline: boolean): void {
  globalThis.window?.dispatchEvent(new Event(isOnline ? 'online' : 'offline'))
}

/**
 * Puts faults between a connection and its transport. While none is on, frames pass at once.
 *
 * @param inner - what carries the frames
 * @throws UplinkError `UPLINK_OPTION_INVALID` when `inner` is no transport.
 * @example
 * const { transport, controller } = faults(webSocket())
 * const uplink = createUplink({ url, transport })
 * controller.set({ latencyMs: 300, jitterMs: 100 })
 * controller.close(1012)
 */
export function faults(inner: Transport, options: FaultOptions = {}): FaultyTransport {
  if (typeof inner !== 'function' || inner === (webSocket as unknown)) {
    throw new UplinkError('UPLINK_OPTION_INVALID', 'faults() needs a transport; write for example faults(webSocket())')
  }
  const { platform = browserPlatform(), onNetwork = tellWindow } = options
  const store = createStore<Faults>(() => NO_FAULTS)
  const links = new Set<Link>()
  let lost = 0

  function loses(direction: 'incoming' | 'outgoing'): boolean {
    const name = direction === 'incoming' ? 'loseIncoming' : 'loseOutgoing'
    const left = store.getState()[name]
    if (left <= 0) return false
    lost++
    store.setState({ [name]: left - 1 })
    return true
  }

  function set(change: Partial<Faults>): void {
    const before = store.getState()
    const after = changeFaults(before, change)
    store.setState(after, true)
    for (const link of [...links]) link.changed()
    if (before.offline !== after.offline) onNetwork(!after.offline)
  }

  return {
    transport(request, events) {
      const link = openLink(request, events, { platform, inner, faults: store.getState, loses, over: (ended) => links.delete(ended) })
      links.add(link)
      return link.socket
    },
    controller: {
      getState: store.getState,
      getInitialState: store.getInitialState,
      subscribe: store.subscribe,
      set,
      close(code, reason = '') {
        const loss = { code: readNumber('code', code, code, 1_000, 4_999), reason }
        const ended = [...links]
        for (const link of ended) link.end(loss)
        return ended.length
      },
      heal: () => set(NO_FAULTS),
      counts: () => ({ sockets: links.size, held: [...links].reduce((sum, link) => sum + link.held(), 0), lost }),
    },
  }
}
