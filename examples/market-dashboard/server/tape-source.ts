/** Replays a recording of an exchange's streams, frame by frame, at its own pace or as a test steps it. */
import { readFileSync } from 'node:fs'
import type { Depth } from './book.ts'
import { readTape } from '../../dashboard/server/tape.ts'
import type { MarketEvent, Payload } from './market.ts'
import type { Source } from './source.ts'

/** How a recording is played. */
export interface TapeOptions {
  /** The recorded streams. */
  readonly path: string
  /** Recorded answers of the REST interface: the books that the recording begins with. @default they are made from the recording */
  readonly snapshots?: string
  /** How much faster than it was recorded; 0 plays nothing by itself. @default 1 */
  readonly speed?: number
}

/** A recording that can be played. */
export interface TapeSource extends Source {
  /** Every message of the recording, in its order. */
  readonly events: readonly MarketEvent[]
  /** Lines that were no frames. */
  readonly skipped: number
  /** How many have been played. */
  position(): number
  /** Plays the next messages now; returns how many there were. */
  step(count?: number): number
}

const SNAPSHOT = /^\S*[?&]symbol=(\w+)\S* -> [\d.]+: (\{.*\})$/

/** Longest wait between two messages, so that a pause in the recording is none on the screen. */
const PAUSE_MOST_MS = 2_000

function readSnapshots(path: string): Map<string, Depth> {
  const found = new Map<string, Depth>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const match = SNAPSHOT.exec(line.trim())
    if (match !== null) found.set(match[1] as string, JSON.parse(match[2] as string) as Depth)
  }
  return found
}

/** Where nothing was recorded, a book begins empty just before the first change that is told of it. */
function madeSnapshot(first: Payload): Depth {
  return { lastUpdateId: Number(first['pu'] ?? Number(first['U']) - 1), bids: [], asks: [] }
}

/** Reads a recording. Throws where there is none. */
export function tapeSource({ path, snapshots, speed = 1 }: TapeOptions): TapeSource {
  const { frames, skipped } = readTape(readFileSync(path, 'utf8'))
  const events = frames.map(({ payload }) => ({ stream: String(payload['stream']), data: payload['data'] as Payload }))
  const books = snapshots === undefined ? new Map<string, Depth>() : readSnapshots(snapshots)
  for (const { data } of events) {
    if (data['e'] === 'depthUpdate' && !books.has(String(data['s']))) books.set(String(data['s']), madeSnapshot(data))
  }
  const streams = new Set(events.map(({ stream }) => stream))
  const header = /^\S+\?streams=(\S+)/.exec(readFileSync(path, 'utf8').slice(0, 4_096))
  for (const stream of header?.[1]?.split('/') ?? []) streams.add(stream)
  let next = 0
  let tell: ((event: MarketEvent) => void) | undefined
  let timer: NodeJS.Timeout | undefined

  function step(count = 1): number {
    let done = 0
    for (; done < count && next < events.length; done++) tell?.(events[next++] as MarketEvent)
    return done
  }

  function wait(): void {
    const [now, then] = [frames[next - 1]?.at ?? frames[0]?.at ?? 0, frames[next]?.at]
    if (then === undefined) return
    timer = setTimeout(() => {
      step()
      wait()
    }, Math.min(PAUSE_MOST_MS, Math.max(0, (then - now) * 1_000)) / speed)
  }

  return {
    symbols: [...new Set([...streams].map((stream) => stream.split('@')[0]?.toUpperCase() ?? ''))],
    streams,
    books,
    events,
    skipped,
    position: () => next,
    step,
    start({ emit }) {
      tell = emit
      if (speed > 0) wait()
    },
    stop() {
      clearTimeout(timer)
      tell = undefined
    },
  }
}
