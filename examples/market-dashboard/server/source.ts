/** Where the messages of the stand-in come from: a recording, or a simulation. */
import type { Depth } from './book.ts'
import type { MarketEvent } from './market.ts'

/** What a source is given. */
export interface SourceHost {
  /** Takes a message: into the state of the market, and out to those who follow its stream. */
  emit(event: MarketEvent): void
  /** Whether anybody follows a stream: what nobody hears need not be written. */
  isFollowed(stream: string): boolean
}

/** A source of messages. */
export interface Source {
  /** In capitals, as payloads and REST write them. */
  readonly symbols: readonly string[]
  /** Streams that it tells itself; the stand-in derives others from them. */
  readonly streams: ReadonlySet<string>
  /** What the books are before the first message. */
  readonly books: ReadonlyMap<string, Depth>
  /** Candles that were closed before: they make the state, and are told to nobody. */
  readonly past?: readonly MarketEvent[]
  start(host: SourceHost): void
  stop(): void
}
