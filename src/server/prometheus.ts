/** `uplink/server/prometheus`: what a server counts, on your own registry. Takes `prom-client`, or what it is called today. */
export { collectPrometheus } from './metrics/prometheus.ts'
export type { PrometheusCollection, PrometheusOptions } from './metrics/prometheus.ts'
export type { PrometheusClient, PrometheusCounter, PrometheusGauge, PrometheusMetric, PrometheusMetricOptions, PrometheusRegistry } from './metrics/client.ts'
