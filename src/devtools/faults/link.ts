/** One socket that faults can be put upon. */
import type { Loss } from '../../core/machine.ts'
import type { Platform } from '../../engine/platform.ts'
import type { Socket, SocketEvents, Transport, TransportRequest } from '../../engine/transport.ts'
import type { Frame } from '../../protocol/message.ts'
import { type Lane, createLane } from './lane.ts'
import type { Faults } from './state.ts'

/** More frames than this do not wait for a slow consumer: servers keep no more for one client either. */
export const SLOW_HELD_MOST = 10_000

/** More than this wait for no reason whatever. */
const HELD_MOST = 100_000

/** What a link asks and tells. */
export interface LinkHost {
  readonly platform: Platform
  readonly inner: Transport
  faults(): Faults
  /** Whether this frame is one of those to lose. */
  loses(direction: 'incoming' | 'outgoing'): boolean
  /** The link has ended. */
  over(link: Link): void
}

/** One socket that faults can be put upon. */
export interface Link {
  readonly socket: Socket
  /** Frames that wait in either direction. */
  held(): number
  /** Ends it as the server or the network would. */
  end(loss: Loss): void
  /** The faults have changed. */
  changed(): void
}

/** Codes that a page may close with; others are the server's and the network's. */
const NORMAL = 1000

/** Opens a link. */
export function openLink(request: TransportRequest, events: SocketEvents, host: LinkHost): Link {
  const { platform, faults } = host
  let isOver = false
  let isOpen = false
  let isClosing = false
  /** How it ended, while nobody can hear of it. */
  let unheard: Loss | undefined
  let inner: Socket | undefined

  const deliver = (pass: (frame: Frame) => void) => (frame: Frame): void => { if (!isOver && !faults().halfOpen) pass(frame) }
  const lane = (perSecond: () => number, pass: (frame: Frame) => void): Lane => createLane({ platform, faults, perSecond, deliver: deliver(pass) })
  const incoming = lane(() => faults().slowConsumer, (frame) => events.frame(frame))
  const outgoing = lane(() => 0, (frame) => inner?.send(frame))

  function letGo(): void {
    isOver = true
    incoming.clear()
    outgoing.clear()
    host.over(link)
  }

  function closed(loss: Loss): void {
    if (isOver) return
    const { halfOpen } = faults()
    if (halfOpen && !isClosing) unheard = loss
    else letGo()
    if (!halfOpen) events.closed(loss)
  }

  function end(loss: Loss): void {
    if (isOver) return
    letGo()
    inner?.close(NORMAL, '')
    events.closed(loss)
  }

  function refuseToken(): void {
    if (faults().staleToken) end({ code: 4401, reason: 'the token is too old (fault panel)' })
  }

  /** As a network does it: after the one who dials has got hold of the socket. */
  const soon = (run: () => void): void => void platform.setTimer(run, 0)

  const link: Link = {
    held: () => incoming.length + outgoing.length,
    end,
    changed() {
      if (faults().offline) return end({ code: 1006, reason: '' })
      if (unheard !== undefined) closed(unheard)
      if (isOpen) refuseToken()
    },
    socket: {
      send(frame) {
        if (isOver || host.loses('outgoing') || faults().halfOpen) return
        outgoing.push(frame)
      },
      close(code, reason) {
        isClosing = true
        if (inner === undefined || unheard !== undefined) letGo()
        else inner.close(code, reason)
      },
      get bufferedAmount() {
        return outgoing.size + (inner?.bufferedAmount ?? 0)
      },
    },
  }

  if (faults().offline) {
    soon(() => end({ code: 1006, reason: '' }))
    return link
  }
  inner = host.inner(request, {
    opened(protocol) {
      if (isOver) return
      isOpen = true
      events.opened(protocol)
      soon(refuseToken)
    },
    frame(frame) {
      if (isOver || faults().halfOpen || host.loses('incoming')) return
      incoming.push(frame)
      if (incoming.length > (faults().slowConsumer > 0 ? SLOW_HELD_MOST : HELD_MOST)) end({ code: 4413, reason: 'the page takes less than comes (fault panel)' })
    },
    activity: () => { if (!isOver && !faults().halfOpen) events.activity?.() },
    closed,
  })
  return link
}
