/** What a registry holds, before and after: names, prefixes, other people's metrics, and when the server is asked. */
import * as client from 'prom-client'
import { describe, expect, it } from 'vitest'
import { type PrometheusOptions, collectPrometheus } from '../../../src/server/metrics/prometheus.ts'
import { startServer } from '../runtime/support.ts'
import { scrape } from './scrape.ts'

describe('a registry', () => {
  it('holds two servers under two prefixes, and refuses a second one under the same', async () => {
    const [one, two] = [await startServer(), await startServer()]
    const registry = new client.Registry()
    collectPrometheus({ server: one.server, client, registry, prefix: 'one_' })
    const other = collectPrometheus({ server: two.server, client, registry, prefix: 'two_' })
    await two.server.publish('news', 1)
    expect(await scrape(registry)).toMatchObject({ one_messages_published_total: 0, two_messages_published_total: 1 })
    const before = registry.getMetricsAsArray().length
    expect(() => collectPrometheus({ server: two.server, client, registry, prefix: 'one_' })).toThrow(expect.objectContaining({ code: 'UPLINK_OPTION_INVALID', message: expect.stringContaining('one_connections') }))
    expect(registry.getMetricsAsArray()).toHaveLength(before)
    other.stop()
    expect(registry.getMetricsAsArray()).toHaveLength(before / 2)
  })

  it.each([client.Registry.PROMETHEUS_CONTENT_TYPE, client.Registry.OPENMETRICS_CONTENT_TYPE])('is left with what others registered when it stops: %s', async (type) => {
    const { server } = await startServer()
    const registry = new client.Registry<client.RegistryContentType>()
    registry.setContentType(type)
    const gauge = (name: string): client.Gauge => {
      const made = new client.Gauge({ name, help: 'of others', registers: [] })
      registry.registerMetric(made)
      return made
    }
    const theirs = gauge('theirs')
    const metrics = collectPrometheus({ server, client, registry, channels: true })
    expect(registry.getMetricsAsArray()).toHaveLength(21)
    await server.publish('news', 1)
    expect(await registry.metrics()).toContain('uplink_messages_published_total 1')
    registry.removeSingleMetric('uplink_streams')
    const replaced = gauge('uplink_streams')
    metrics.stop()
    metrics.stop()
    expect(registry.getMetricsAsArray()).toEqual([theirs, replaced])
  })

  it('asks the server once a scrape, never otherwise, and shows the totals after a reset as well', async () => {
    const { server } = await startServer()
    const registry = new client.Registry()
    let asked = 0
    collectPrometheus({ server: { channels: server.channels, stats: () => (asked++, server.stats()) }, client, registry, channels: true })
    expect(asked).toBe(0)
    await server.publish('news', 1)
    for (const scrapes of [1, 2, 3]) {
      expect(await scrape(registry)).toMatchObject({ uplink_messages_published_total: 1 })
      registry.resetMetrics()
      expect(asked).toBe(scrapes)
    }
    const json = await registry.getMetricsAsJSON()
    expect(json.find(({ name }) => name === 'uplink_publish_to_send_seconds')?.values).toHaveLength(14)
  })

  it.each<[string, Record<string, unknown>]>([
    ['server', { server: {} }], ['client', { client: {} }], ['registry', { registry: null }], ['prefix', { prefix: '1 bad' }], ['prefix', { prefix: 7 }],
  ])('is not touched where an option is wrong: %s', async (name, wrong) => {
    const { server } = await startServer()
    const registry = new client.Registry()
    const options = { server, client, registry, ...wrong } as unknown as PrometheusOptions
    expect(() => collectPrometheus(options)).toThrow(expect.objectContaining({ code: 'UPLINK_OPTION_INVALID', message: expect.stringMatching(`^${name} must be `) }))
    expect(registry.getMetricsAsArray()).toEqual([])
  })
})
