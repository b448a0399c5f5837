/**
 * What there is to say about a connection, said once a page. Any number of components may show an outage;
 * one of them speaks of it, and when it goes the next one goes on where it stopped.
 */
import type { Cause, Display } from '../../core/display.ts'
import type { ReadableStore } from '../../store/sampled-store.ts'
import { type SpokenLine, openLine } from './live-region.ts'

/** One thing to say. */
export type News =
  | { readonly kind: 'lost' | 'behind' | 'disconnected' }
  | { readonly kind: 'restored'; readonly afterMs: number }
  | { readonly kind: 'delayed'; readonly everyMs: number }
  | { readonly kind: 'failed'; readonly cause: Cause }

/** Says it: on the line of its connection, or elsewhere. */
export type Speaker = (news: News, line: SpokenLine) => void

type Settled = 'fine' | 'lost' | 'behind' | 'delayed' | 'failed'

interface Desk {
  /** Those who could speak; the first does. */
  readonly speakers: Speaker[]
  close(): void
}

let desks: WeakMap<ReadableStore<Display>, Desk> | undefined

function settledOf({ state, quiet }: Display): Settled | null {
  if (quiet) return null
  if (state === 'connected' || state === 'disconnected') return 'fine'
  if (state === 'catching_up') return 'behind'
  if (state === 'delayed') return 'delayed'
  if (state === 'error' || state === 'cooldown') return 'failed'
  return state === 'reconnecting' || state === 'offline' ? 'lost' : null
}

/** Tells the news of a connection from now on: what has settled, once each. Returns the way to stop. */
export function followNews(display: ReadableStore<Display>, tell: (news: News) => void): () => void {
  const began = display.getState()
  // What was so when the first came is on the screen: it is no news.
  let settled = settledOf(began) ?? 'fine'
  let lostAt = began.outageSince ?? began.since
  return display.subscribe((shown) => {
    const next = settledOf(shown)
    // A link that comes and goes while it catches up would be told of without end.
    if (next === null || next === settled || (next === 'lost' && settled === 'behind')) return
    const wasFine = settled === 'fine'
    settled = next
    if (wasFine) lostAt = shown.outageSince ?? shown.since
    if (next === 'delayed') tell({ kind: 'delayed', everyMs: shown.delayed ?? 0 })
    else if (next === 'failed') tell({ kind: 'failed', cause: shown.cause })
    else if (next !== 'fine') tell({ kind: next })
    else if (shown.state === 'connected') tell({ kind: 'restored', afterMs: shown.since - lostAt })
    else tell({ kind: 'disconnected' })
  })
}

function openDesk(display: ReadableStore<Display>): Desk {
  const speakers: Speaker[] = []
  const line = openLine()
  const forget = followNews(display, (news) => speakers[0]?.(news, line))
  return {
    speakers,
    close() {
      forget()
      line.close()
    },
  }
}

/**
 * Takes a seat among those who could speak of this connection, before all others where it `leads`; returns the way
 * to leave it.
 */
export function takeSeat(display: ReadableStore<Display>, speaker: Speaker, leads: boolean): () => void {
  desks ??= new WeakMap()
  const desk = desks.get(display) ?? openDesk(display)
  desks.set(display, desk)
  if (leads) desk.speakers.unshift(speaker)
  else desk.speakers.push(speaker)
  return () => {
    desk.speakers.splice(desk.speakers.indexOf(speaker), 1)
    if (desk.speakers.length > 0) return
    desk.close()
    desks?.delete(display)
  }
}
