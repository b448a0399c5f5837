/**
 * What there is to say about a connection, said once a page. Any number of components may show an outage;
 * one of them speaks of it, and when it goes the next one goes on where it stopped.
 */
import type { Cause, Display } from '../../core/display.ts'
import type { ReadableStore } from '../../store/sampled-store.ts'

/** One thing to say. */
export type News =
  | { readonly kind: 'lost' | 'behind' | 'disconnected' }
  | { readonly kind: 'restored'; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly cause: Cause }

/** Says it. */
export type Speaker = (news: News) => void

type Settled = 'fine' | 'lost' | 'behind' | 'failed'

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
  if (state === 'error' || state === 'cooldown') return 'failed'
  return state === 'reconnecting' || state === 'offline' ? 'lost' : null
}

function openDesk(display: ReadableStore<Display>): Desk {
  const speakers: Speaker[] = []
  const began = display.getState()
  // What was so when the first came is on the screen: it is no news.
  let settled = settledOf(began) ?? 'fine'
  let lostAt = began.outageSince ?? began.since

  function look(shown: Display): void {
    const next = settledOf(shown)
    // A link that comes and goes while it catches up would be told of without end.
    if (next === null || next === settled || (next === 'lost' && settled === 'behind')) return
    const wasFine = settled === 'fine'
    settled = next
    if (wasFine) lostAt = shown.outageSince ?? shown.since
    const [speak] = speakers
    if (next === 'failed') speak?.({ kind: 'failed', cause: shown.cause })
    else if (next !== 'fine') speak?.({ kind: next })
    else if (shown.state === 'connected') speak?.({ kind: 'restored', afterMs: shown.since - lostAt })
    else speak?.({ kind: 'disconnected' })
  }

  return { speakers, close: display.subscribe(look) }
}

/** Takes a seat among those who could speak of this connection; returns the way to leave it. */
export function takeSeat(display: ReadableStore<Display>, speaker: Speaker): () => void {
  desks ??= new WeakMap()
  const desk = desks.get(display) ?? openDesk(display)
  desks.set(display, desk)
  desk.speakers.push(speaker)
  return () => {
    desk.speakers.splice(desk.speakers.indexOf(speaker), 1)
    if (desk.speakers.length > 0) return
    desk.close()
    desks?.delete(display)
  }
}
