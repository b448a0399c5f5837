/** `uplink/server/prometheus`: what a server counts, for Prometheus. Nothing is counted twice, and nothing before a scrape. */
import { UplinkError } from '../../core/errors.ts'
import type { UplinkServer } from '../runtime/server-interface.ts'
import type { ServerStats } from '../runtime/stats.ts'
import { METRICS, type MetricDefinition, type Sample } from './catalogue.ts'
import type { PrometheusClient, PrometheusMetric, PrometheusRegistry } from './client.ts'
import { createReadHistogram } from './histogram.ts'

/** What {@link collectPrometheus} works with. */
export interface PrometheusOptions {
  readonly server: Pick<UplinkServer, 'stats' | 'channels'>
  /** The module `prom-client` or `@prometheus-io/client`; the same copy as the registry is of. */
  readonly client: PrometheusClient
  readonly registry: PrometheusRegistry
  /** Begins every name; two servers on one registry need two. @default 'uplink_' */
  readonly prefix?: string
  /**
   * Whether followers are counted by channel: under its name, or under its pattern where it has one, so that no id of
   * a user becomes a label. The first 100 have a series each, the rest is `other`. @default false
   */
  readonly channels?: boolean
}

/** Metrics that are registered. */
export interface PrometheusCollection {
  /** Takes them off the registry. */
  stop(): void
}

const CHANNELS_MOST = 100
const OTHER = 'other'

function check({ server, client, registry, prefix = 'uplink_' }: PrometheusOptions): void {
  const need = (fits: boolean, name: string, allowed: string): void => {
    if (!fits) throw new UplinkError('UPLINK_OPTION_INVALID', `${name} must be ${allowed}`)
  }
  need(typeof server?.stats === 'function', 'server', 'a server of createUplinkServer')
  need(typeof client?.Counter === 'function' && typeof client.Gauge === 'function', 'client', 'the module prom-client or @prometheus-io/client')
  need(typeof registry?.registerMetric === 'function', 'registry', 'a registry of the client')
  need(typeof prefix === 'string' && /^(?:[A-Za-z_:][A-Za-z0-9_:]*)?$/.test(prefix), 'prefix', 'letters, digits, _ and :, and begin with no digit')
}

/** Followers of each channel, by names that are few. */
function followersOf(server: PrometheusOptions['server']): MetricDefinition {
  // Who has a name keeps it: were it the 100 largest, in time every channel would have had one.
  const named = new Set<string>()
  const nameOf = (channel: string): string => {
    const name = server.channels.find(channel)?.definition.pattern.source ?? OTHER
    if (!named.has(name) && named.size >= CHANNELS_MOST) return OTHER
    named.add(name)
    return name
  }
  return {
    name: 'channel_followers', type: 'gauge', label: 'channel', help: 'Live subscriptions, by channel or by its pattern.',
    read({ clients }) {
      const counts = new Map<string, number>([...named].map((name) => [name, 0]))
      for (const [channel, count] of Object.entries(clients.channelDistribution)) {
        const name = nameOf(channel)
        counts.set(name, (counts.get(name) ?? 0) + count)
      }
      return [...counts]
    },
  }
}

/** A metric of the client that reads its values when it is scraped. */
function metricOf(client: PrometheusClient, name: string, { type, label, help, read }: MetricDefinition, look: () => ServerStats): PrometheusMetric {
  const labelNames = label === null ? [] : [label]
  // A gauge of something that is gone is 0, so that it does not stay at its last value where it is drawn.
  const seen = new Set<string>()

  function samples(): readonly Sample[] {
    const found = read(look())
    if (label === null) return found
    const gone = new Set(seen)
    for (const [value] of found) if (value !== null) {
      seen.add(value)
      gone.delete(value)
    }
    return [...found, ...[...gone].map((value): Sample => [value, 0])]
  }

  const labels = (value: string | null): Readonly<Record<string, string>> => (label === null || value === null ? {} : { [label]: value })
  const options = { name, help, labelNames, registers: [] }
  if (type === 'gauge') {
    const gauge = new client.Gauge({ ...options, collect: () => { for (const [value, number] of samples()) gauge.set(labels(value), number) } })
    return gauge
  }
  const counter = new client.Counter({
    ...options,
    collect() {
      // A counter has no `set`. Nobody reads it between these lines.
      counter.reset()
      for (const [value, number] of samples()) counter.inc(labels(value), number)
    },
  })
  return counter
}

/**
 * Registers the metrics of a server, which docs/metrics.md lists. They are read when the registry is scraped, and cost
 * nothing before: one walk over all connections a scrape.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID`, naming the option, also where the registry has one of the names; then it registers nothing
 * @example
 * import * as client from 'prom-client'
 *
 * const registry = new client.Registry()
 * const metrics = collectPrometheus({ server, client, registry })
 * await registry.metrics() // the text for /metrics
 * metrics.stop()
 */
export function collectPrometheus(options: PrometheusOptions): PrometheusCollection {
  check(options)
  const { server, client, registry, prefix = 'uplink_', channels = false } = options
  let stats: ServerStats | undefined

  /** Statistics of this scrape: a registry asks all its metrics in one turn. */
  function look(): ServerStats {
    if (stats === undefined) {
      stats = server.stats()
      queueMicrotask(() => { stats = undefined })
    }
    return stats
  }

  const definitions = channels ? [...METRICS, followersOf(server)] : METRICS
  const latency = `${prefix}publish_to_send_seconds`
  const metrics = new Map<string, PrometheusMetric>(definitions.map((definition) => {
    const name = prefix + definition.name
    return [name, metricOf(client, name, definition, look)]
  }))
  metrics.set(latency, createReadHistogram(latency, 'From the publication of the oldest message of a batch until the batch went to clients.', () => look().lags))

  const taken = [...metrics.keys()].find((name) => registry.getSingleMetric(name) !== undefined)
  if (taken !== undefined) throw new UplinkError('UPLINK_OPTION_INVALID', `prefix must be another one: the registry has a metric ${taken}`)
  for (const metric of metrics.values()) registry.registerMetric(metric)

  return {
    stop() {
      for (const [name, metric] of metrics) if (registry.getSingleMetric(name) === metric) registry.removeSingleMetric(name)
    },
  }
}
