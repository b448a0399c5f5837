/** The part of a Prometheus client that is used. `prom-client` 15 and `@prometheus-io/client` 0.16 have it. */

/** A metric of such a client. */
export interface PrometheusMetric {
  get(): Promise<unknown>
  reset(): void
}

/** A counter. */
export interface PrometheusCounter extends PrometheusMetric {
  inc(labels: Readonly<Record<string, string>>, value: number): void
}

/** A gauge. */
export interface PrometheusGauge extends PrometheusMetric {
  set(labels: Readonly<Record<string, string>>, value: number): void
}

/** What a metric is made of. */
export interface PrometheusMetricOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  /** None: it is registered when all are made. */
  readonly registers: never[]
  /** Called before each scrape reads it. */
  readonly collect: () => void
}

/** The module, such as `import * as client from 'prom-client'`. */
export interface PrometheusClient {
  readonly Counter: new (options: PrometheusMetricOptions) => PrometheusCounter
  readonly Gauge: new (options: PrometheusMetricOptions) => PrometheusGauge
}

/** What is scraped, such as `new client.Registry()` or `client.register`. */
export interface PrometheusRegistry {
  registerMetric(metric: PrometheusMetric): void
  getSingleMetric(name: string): unknown
  removeSingleMetric(name: string): void
}
