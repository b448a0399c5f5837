/** docs/metrics.md against what is registered: what one of them has, the other names. */
import { readFileSync } from 'node:fs'
import * as client from 'prom-client'
import { expect, it } from 'vitest'
import { collectPrometheus } from '../../../src/server/metrics/prometheus.ts'
import { startServer } from '../runtime/support.ts'

const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')

/** Types are numbers in the declarations of the client, and words in fact. */
type Registered = { readonly name: string; readonly type: unknown; readonly help: string; readonly labelNames?: readonly string[] }

async function registered(): Promise<readonly Registered[]> {
  const { server } = await startServer()
  const registry = new client.Registry()
  collectPrometheus({ server, client, registry, prefix: '', channels: true })
  return registry.getMetricsAsArray() as readonly Registered[]
}

it('docs/metrics.md lists every metric as it is registered, and no other', async () => {
  const [, table = ''] = page.split('## All metrics\n')
  const rows = [...table.matchAll(/^\| `(\w+)` \| (\w+) \| (\S+) \| (.*?) \| (.*?) \|$/gm)].map(([, name, type, labels, help, alert]) => ({ name, type, labels, help, alert }))
  const metrics = (await registered()).map(({ name, type, help, labelNames = [] }) => ({ name, type, labels: labelNames.map((label) => `\`${label}\``).join(', ') || 'none', help, alert: expect.stringMatching(/\S/) as unknown }))
  const byName = (a: { readonly name?: string | undefined }, b: { readonly name?: string | undefined }): number => String(a.name).localeCompare(String(b.name))
  expect(rows.toSorted(byName)).toEqual(metrics.toSorted(byName))
})

it('docs/metrics.md queries only what is registered, by labels that it has', async () => {
  const labels = new Map((await registered()).map(({ name, labelNames = [] }) => [name, labelNames]))
  const [, queries = ''] = page.split('## Queries\n')
  const used = [...queries.matchAll(/\buplink_(\w+?)(?:_bucket)?(?:\{(\w+)="\w+"\})?(?=[\s)[])/g)]
  expect(used.length).toBeGreaterThan(15)
  for (const [text, name = '', label] of used) {
    expect(labels.has(name), text).toBe(true)
    if (label !== undefined) expect(labels.get(name), text).toContain(label)
  }
})
