/** A node that only writes down what its broker tells it. */
import type { BrokerEvents, Notice } from '../../../src/server/brokers/broker.ts'
import type { Entry } from '../../../src/server/stream.ts'

export interface Heard {
  readonly stream: string
  readonly epoch: string
  readonly entry: Entry
  readonly publishedAt: number
}

export interface Recorder extends BrokerEvents {
  readonly heard: Heard[]
  readonly notices: Notice[]
  readonly states: Array<'up' | 'down'>
  readonly resets: string[]
  reset(stream: string, epoch: string): void
  /** What the messages of a stream carried, in order. */
  data(stream: string): unknown[]
}

export function recorder(): Recorder {
  const heard: Heard[] = []
  const notices: Notice[] = []
  const states: Array<'up' | 'down'> = []
  const resets: string[] = []
  return {
    heard, notices, states, resets,
    published: (stream, epoch, entry, publishedAt) => void heard.push({ stream, epoch, entry, publishedAt }),
    notice: (notice) => void notices.push(notice),
    state: (state) => void states.push(state),
    reset: (_, epoch) => void resets.push(epoch),
    data: (stream) => heard.filter((one) => one.stream === stream).map(({ entry }) => (JSON.parse(entry.text) as { data: unknown }).data),
  }
}
