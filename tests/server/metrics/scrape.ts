/** What a registry says, as numbers by series. */
import type { Registry } from 'prom-client'

/** `name{label="value"}` and its value. */
export type Scrape = Readonly<Record<string, number>>

/** Scrapes a registry as Prometheus does: by its text. */
export async function scrape(registry: Registry): Promise<Scrape> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map((line) => {
    const end = line.lastIndexOf(' ')
    return [line.slice(0, end), Number(line.slice(end + 1))]
  }))
}

/** Measured, and not counted: how late, and how much. Tests of their own look at them. */
const MEASURED = /^uplink_(?:frames_sent|characters_sent|publish_to_send)/

/** Series that changed, and by how much. */
export function grown(before: Scrape, after: Scrape): Scrape {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !MEASURED.test(name))
  return Object.fromEntries(names.flatMap((name) => {
    const by = (after[name] ?? 0) - (before[name] ?? 0)
    return by === 0 ? [] : [[name.replace('uplink_', ''), by]]
  }))
}
