/** A histogram that is read, and not observed: clients of Prometheus have none, because theirs count for themselves. */
import type { Lags } from '../runtime/stats.ts'
import type { PrometheusMetric } from './client.ts'

interface Value {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A histogram as registries read it. */
export interface ReadHistogram extends PrometheusMetric {
  readonly name: string
  readonly help: string
  readonly type: 'histogram'
  readonly aggregator: 'sum'
  readonly labelNames: readonly string[]
}

const S = 1_000

function valuesOf(name: string, { boundsMs, counts, sumMs }: Lags): readonly Value[] {
  const metricName = `${name}_bucket`
  let total = 0
  const buckets = counts.map((count, index): Value => {
    total += count
    const boundMs = boundsMs[index]
    return { metricName, labels: { le: boundMs === undefined ? '+Inf' : String(boundMs / S) }, value: total }
  })
  return [...buckets, { metricName: `${name}_sum`, labels: {}, value: sumMs / S }, { metricName: `${name}_count`, labels: {}, value: total }]
}

/** Makes a histogram in seconds of what `read` gives. */
export function createReadHistogram(name: string, help: string, read: () => Lags): ReadHistogram {
  return {
    name, help, type: 'histogram', aggregator: 'sum', labelNames: ['le'],
    get: async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: valuesOf(name, read()) }),
    // What it shows is the server's, and is not reset by a registry.
    reset: () => undefined,
  }
}
