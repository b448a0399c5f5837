/** docs/components.md against the components: what one of them has, the other names. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ENGLISH } from '../../src/components/labels/english.ts'

const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const docs = file('docs/components.md')
const sources = readdirSync(new URL('../../src/components', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path)).map((path) => file(`src/components/${path}`)).join('\n')
const found = (text: string, pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))].toSorted()

/** Names in the first column of the table below a heading. */
function rows(heading: string): string[] {
  const [, after = ''] = docs.split(`## ${heading}\n`)
  return found(after.split('\n## ')[0] ?? '', /^\| `([^`]+)`/gm)
}

describe('docs/components.md', () => {
  it('lists every part by its data-slot, and no other', () => {
    expect(rows('Parts')).toEqual(found(sources, /data-slot="([a-z-]+)"/g))
  })

  it('lists every state, and no other', () => {
    expect(rows('States')).toEqual(Object.keys(ENGLISH.states).toSorted())
  })

  it('lists every label, and no other', () => {
    expect(rows('Labels')).toEqual(Object.keys(ENGLISH).toSorted())
  })

  it('lists every token, and no other', () => {
    expect(rows('Tokens')).toEqual(found(file('src/styles.css'), /var\((--uplink-color-[a-z]+)/g))
  })

  it.each(['ConnectionIndicator', 'ConnectionStatus', 'ConnectionStatusCard', 'ConnectionBanner', 'Announcer', 'Freshness', 'SourceBadge', 'LatencyChart', 'ConnectionTimeline', 'ConnectionSummary', 'ConnectionSummaryIndicator', 'ConnectionToasts'])('lists every prop of %s, and no other', (name) => {
    const [, members = ''] = new RegExp(`interface ${name}Props[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(sources) ?? []
    expect(found(members, /readonly (\w+)\??:/g).length).toBeGreaterThan(2)
    expect(rows(name)).toEqual(found(members, /readonly (\w+)\??:/g))
  })
})
