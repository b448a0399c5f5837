import { readFileSync, writeFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { CLOSE_CODES } from '../../src/protocol/close.ts'
import { RESERVED_TYPES, STATUS_IDS_MOST } from '../../src/protocol/uplink-v1.ts'

interface Definition {
  readonly properties: Readonly<Record<string, { readonly const?: unknown; readonly enum?: readonly unknown[]; readonly not?: { readonly enum: readonly string[] }; readonly maxItems?: number }>>
  readonly required: readonly string[]
}

const path = (name: string): URL => new URL(`../../docs/${name}`, import.meta.url)
const document = readFileSync(path('PROTOCOL.md'), 'utf8')
const schema = JSON.parse(readFileSync(path('uplink-v1.schema.json'), 'utf8')) as { readonly $defs: Readonly<Record<string, Definition>> }
const ajv = new Ajv2020({ allErrors: true, strictTypes: false })
ajv.addSchema(schema, 'uplink.v1')

/** Headings of the document that are not called like their definition. */
const NAMES: Readonly<Record<string, string>> = {
  '`status`': 'status_request', '`status` (answer)': 'status', 'A subscription': 'subscription', 'A question of history': 'history_question', 'A page of history': 'history_page',
}
/** What frames hold, and is none. */
const PARTS: ReadonlySet<string> = new Set(['subscription', 'history_question', 'history_page'])

/** What the document says of each frame: fields, which of them are required, and examples. */
function readDocument(text: string): Map<string, { fields: Map<string, boolean>; examples: string[] }> {
  const frames = new Map<string, { fields: Map<string, boolean>; examples: string[] }>()
  const sections = text.slice(text.indexOf('## 3.'), text.indexOf('## 6.')).split(/^### /m).slice(1)
  for (const section of sections) {
    const heading = section.slice(0, section.indexOf('\n'))
    const [own = '', ...inner] = section.split(/^(A subscription|A question of history|A page of history):$/m)
    const read = (name: string, part: string): void => void frames.set(name, {
      fields: new Map([...part.matchAll(/^\| `(\w+)` \| .+? \| (yes|no) \|/gm)].map(([, field, required]) => [field as string, required === 'yes'])),
      examples: PARTS.has(name) ? [] : [...section.matchAll(/```json\n([\s\S]+?)\n```/g)].map(([, example]) => example as string),
    })
    read(NAMES[heading] ?? heading.replaceAll('`', ''), own)
    for (let index = 0; index < inner.length; index += 2) read(NAMES[inner[index] ?? ''] ?? '', inner[index + 1] ?? '')
  }
  return frames
}

const sorted = (values: Iterable<string>): string[] => [...values].toSorted()
const frames = readDocument(document)
const definitions = Object.entries(schema.$defs).filter(([name]) => name !== 'client' && name !== 'server')

describe('PROTOCOL.md and its machine-readable twin', () => {
  it('describe the same frames', () => {
    expect(sorted(frames.keys())).toEqual(sorted(definitions.map(([name]) => name)))
    expect(frames.size).toBeGreaterThan(15)
  })

  it.each(definitions)('agree on the fields of %s, and on which of them are required', (name, definition) => {
    const { fields } = frames.get(name) as NonNullable<ReturnType<typeof frames.get>>
    expect(sorted(fields.keys())).toEqual(sorted(Object.keys(definition.properties)))
    expect(sorted([...fields].filter(([, required]) => required).map(([field]) => field))).toEqual(sorted(definition.required))
  })

  it.each([...frames].filter(([name]) => !PARTS.has(name)))('show an example of %s that the twin accepts, and refuses with a field too many or too few', (name, { examples }) => {
    const validate = ajv.compile({ $ref: `uplink.v1#/$defs/${name}` })
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const frame = JSON.parse(example) as Record<string, unknown>
      expect(validate(frame), ajv.errorsText(validate.errors)).toBe(true)
      expect(validate({ ...frame, nonsense: 1 })).toBe(false)
      const { type: _, ...untyped } = frame
      expect(validate(untyped)).toBe(false)
    }
  })

  it('show a page of history in an answer, and no question that goes both ways', () => {
    const isPage = ajv.compile({ $ref: 'uplink.v1#/$defs/history_page' })
    const [page] = (frames.get('ack')?.examples ?? []).map((example) => (JSON.parse(example) as { readonly data: Record<string, unknown> }).data).filter(({ stream }) => stream !== undefined)
    expect(isPage(page), ajv.errorsText(isPage.errors)).toBe(true)
    expect(isPage({ ...page, messages: [{ type: 'tick' }] })).toBe(false)
    const isQuestion = ajv.compile({ $ref: 'uplink.v1#/$defs/history_question' })
    const at = { epoch: 'E', offset: 1 }
    expect([{ channel: 'c', before: at }, { channel: 'c', after: at }, { channel: 'c', before: at, after: at }].map((question) => isQuestion(question))).toEqual([true, true, false])
  })

  it('reserve the same types', () => {
    const reserved = schema.$defs['message']?.properties['type']?.not?.enum ?? []
    const named = definitions.flatMap(([, { properties }]) => properties['type']?.enum ?? [properties['type']?.const]).filter((type) => typeof type === 'string')
    expect(sorted(RESERVED_TYPES)).toEqual(sorted(reserved))
    // No frame has this one: clients make such a message of a confirmation.
    expect(sorted(new Set([...named, 'snapshot']))).toEqual(sorted(RESERVED_TYPES))
  })

  it('state the same limit of ids', () => {
    expect(schema.$defs['status_request']?.properties['ids']?.maxItems).toBe(STATUS_IDS_MOST)
    expect(document).toContain(`At most ${STATUS_IDS_MOST.toLocaleString('en')}.`)
  })

  it('list the close codes as the code has them (UPDATE_DOCS=1 writes them)', () => {
    const rows = Object.entries(CLOSE_CODES).map(([code, { by, advice, remedy, meaning }]) => `| ${code} | ${meaning} | ${by} | ${advice} | ${remedy.replace('_', ' ')} |`)
    const table = ['| code | meaning | sent by | the client | the user |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
    const wanted = document.replace(/<!-- close codes -->[\s\S]*<!-- \/close codes -->/, `<!-- close codes -->\n${table}\n<!-- /close codes -->`)
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path('PROTOCOL.md'), wanted)
    expect(readFileSync(path('PROTOCOL.md'), 'utf8')).toBe(wanted)
  })
})
