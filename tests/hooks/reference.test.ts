/** docs/api.md against the types: what one of them has, the other names. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const docs = file('docs/api.md')
const found = (text: string, pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))].toSorted()

/** The part of the page below a heading. */
function below(heading: string): string {
  const [, after] = docs.split(`# ${heading}\n`)
  expect(after, `docs/api.md has no heading "${heading}"`).toBeDefined()
  return (after ?? '').split(/\n#+ /)[0] ?? ''
}

/** Names in the first column of the tables of a text; `connect()` is `connect`. */
const rows = (text: string): string[] => found([...text.matchAll(/^\| (.*?) \|/gm)].map((match) => match[1]).join('\n'), /`(\w+)/g)

/** Members that an interface declares itself. */
function membersOf(path: string, name: string): string[] {
  const [, body = ''] = new RegExp(`interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(file(path)) ?? []
  return found(body, /^ {2}(?:readonly )?(\w+)\??[:(<]/gm)
}

/** Words of a union of words. */
function wordsOf(path: string, name: string): string[] {
  const [, body = ''] = new RegExp(`export type ${name} =([\\s\\S]*?)\\n\\n`).exec(`${file(path)}\n\n`) ?? []
  return found(body, /'(\w+)'/g)
}

describe('docs/api.md', () => {
  it('lists every event, and no other', () => {
    expect(membersOf('src/engine/events.ts', 'ConnectionEvents').length).toBeGreaterThan(10)
    expect(rows(below('Events'))).toEqual(membersOf('src/engine/events.ts', 'ConnectionEvents'))
  })

  it('names every member of a connection and of an uplink', () => {
    const named = found(below('Methods'), /`(\w+)/g)
    for (const [path, name] of [['src/engine/connection-interface.ts', 'Connection'], ['src/store/create-uplink.ts', 'Uplink']] as const) {
      const members = membersOf(path, name)
      expect(members.length).toBeGreaterThan(10)
      expect(members.filter((member) => !named.includes(member) && member !== 'getInitialState')).toEqual([])
    }
  })

  it('lists every hook, and no other', () => {
    const hooks = readdirSync(new URL('../../src/hooks', import.meta.url)).map((name) => file(`src/hooks/${name}`)).join('\n')
    const exported = found(file('src/index.ts'), /export \{ (use\w+) \}/g)
    expect(exported.filter((name) => !hooks.includes(`function ${name}`))).toEqual([])
    expect(rows(below('Hooks')).filter((name) => name.startsWith('use'))).toEqual(exported)
  })

  it('lists every option of useChannel', () => {
    const options = membersOf('src/store/channel-view.ts', 'ViewOptions')
    expect(options.length).toBeGreaterThan(5)
    expect(rows(below('Hooks'))).toEqual(expect.arrayContaining(options))
  })

  it('lists what a provider of credentials is told', () => {
    expect(rows(below('Credentials'))).toEqual(membersOf('src/engine/credentials.ts', 'CredentialsRequest'))
  })

  it.each([
    ['ConnectionSnapshot', 'src/engine/snapshot.ts'], ['ConnectionStats', 'src/core/stats.ts'], ['LatencySnapshot', 'src/core/latency.ts'], ['Transition', 'src/core/history.ts'],
    ['Display', 'src/core/display.ts'], ['ChannelView', 'src/store/channel-view.ts'], ['ChannelLease', 'src/engine/channel-lease.ts'], ['Gap', 'src/core/position.ts'],
    ['ConnectionRecord', 'src/core/record.ts'], ['StateSpan', 'src/core/record.ts'], ['LatencyPoint', 'src/core/record.ts'],
    ['SendResult', 'src/engine/send-options.ts'], ['HistoryOptions', 'src/protocols/history.ts'], ['HistoryPage', 'src/protocols/history.ts'], ['DeliveryResult', 'src/engine/outcomes.ts'],
  ])('lists every field of %s, and no other', (name, path) => {
    expect(membersOf(path, name).length).toBeGreaterThan(2)
    expect(rows(below(name))).toEqual(membersOf(path, name))
  })

  it('lists every field of OutboxSnapshot, and no other', () => {
    const fields = [...membersOf('src/engine/send-options.ts', 'OutboxSnapshot'), ...membersOf('src/engine/outcomes.ts', 'OutcomeCounts')]
    expect(rows(below('OutboxSnapshot'))).toEqual(fields.toSorted())
  })

  it.each([
    ['ConnectionState', 'src/core/machine.ts'], ['Phase', 'src/core/machine.ts'], ['NetworkHint', 'src/core/machine.ts'], ['ChannelStatus', 'src/core/channel.ts'],
    ['GapReason', 'src/core/position.ts'], ['Outcome', 'src/engine/outcomes.ts'], ['DropReason', 'src/core/outbox.ts'], ['RefusalReason', 'src/engine/send-options.ts'], ['DisplayState', 'src/core/display.ts'],
    ['Cause', 'src/core/display.ts'], ['Remedy', 'src/protocol/close.ts'], ['Quality', 'src/core/latency.ts'], ['Severity', 'src/core/errors.ts'],
  ])('names every word of %s, and no other', (name, path) => {
    const row = below('Words').split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? ''
    expect(wordsOf(path, name).length).toBeGreaterThan(2)
    expect(found(row, /`(\w+)`/g).filter((word) => word !== name && word !== 'key')).toEqual(wordsOf(path, name))
  })
})
