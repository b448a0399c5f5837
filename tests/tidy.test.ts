/** Style as a test: layers, size, purity, names. Each rule says where it was broken, and what to do. */
import { describe, expect, it } from 'vitest'
import { cycles, layering, ownIndex } from './tidy/layers.ts'
import {
  LINES_MOST, clientDirective, defaultExports, documentation, kebabCase, length, machinePaths, mergeMarks, optionsOf, purity, unfinished, untestedOptions, untyped,
} from './tidy/rules.ts'
import { type Source, parse, pathsBelow, readText, sourcesBelow } from './tidy/source.ts'

const src = sourcesBelow('src')
const tests = sourcesBelow('tests')
const rest = ['stories', 'examples', 'bench', 'scripts', '.storybook'].flatMap(sourcesBelow)
const policy = src.find(({ path }) => path === 'src/core/policy.ts') as Source

/** Findings are joined, so that a failure reads as a list and not as an array in an array. */
const nothing = (findings: readonly string[]): void => expect(findings.join('\n')).toBe('')

describe('the sources', () => {
  it('are found', () => {
    expect(src.length).toBeGreaterThan(50)
    expect(tests.length).toBeGreaterThan(10)
    expect(optionsOf(policy).length).toBeGreaterThan(15)
  })
  it('import downwards only, and only the packages of their layer', () => nothing(src.flatMap(layering)))
  it('import nothing in a circle', () => nothing(cycles(src)))
  it('never import an index', () => nothing(src.flatMap(ownIndex)))
  it('hold one idea a file', () => nothing(src.flatMap(length)))
  it('are pure in core, protocol, the hub of the server and the model of the monitor', () => {
    const pure = /^src\/((core|protocol|devtools\/model)\/|server\/(allowances|effects|followers|history|host|hub|identification|joining|memory|messages|paging|requests|results|revoked|session|stream|subscriptions)\.ts$)/
    nothing(src.filter(({ path }) => pure.test(path)).flatMap(purity))
  })
  it("begin with 'use client' wherever React is used", () => nothing(src.flatMap(clientDirective)))
  it('document every export', () => nothing(src.flatMap(documentation)))
  it('export by name', () => nothing(src.flatMap(defaultExports)))
  it('have a test for every option', () => nothing(untestedOptions(policy, tests)))
})

describe('the whole tree', () => {
  it('knows its types', () => nothing([...src, ...tests, ...rest].flatMap(untyped)))
  it('leaves nothing unfinished and silences nothing', () => nothing([...src, ...tests, ...rest].flatMap(unfinished)))
  it('has kebab-case names', () => nothing([...src, ...tests, ...rest].flatMap(kebabCase)))
  it('carries no place of the machine it was written on, and no mark of a merge', () => {
    const texts = pathsBelow('.').filter((path) => /\.(tsx?|mjs|css|mdx?|json|html|ya?ml)$|^\.ci\/|^\.npmrc$/.test(path))
    expect(texts).toContain('package-lock.json')
    nothing(texts.map(readText).flatMap((text) => [...machinePaths(text), ...mergeMarks(text)]))
  })
})

describe('the rules', () => {
  const file = (path: string, text: string): Source => parse(path, text)
  const core = (text: string): Source => file('src/core/a.ts', text)

  it.each<[what: string, findings: string[], where: string]>([
    ['an import upwards', layering(core("\nimport { b } from '../engine/b.ts'")), 'src/core/a.ts:2: '],
    ['a type imported upwards', layering(core("import type { B } from '../engine/b.ts'")), 'src/core/a.ts:1: '],
    ['a value that components may import the type of only', layering(file('src/components/a.ts', "import { b } from '../engine/b.ts'")), 'src/components/a.ts:1: '],
    ['a re-export upwards', layering(core("export * from '../store/b.ts'")), 'src/core/a.ts:1: '],
    ['an import at run time', layering(core("export const b = () => import('../store/b.ts')")), 'src/core/a.ts:1: '],
    ['a package that the layer may not use', layering(file('src/engine/a.ts', "import { create } from 'zustand'")), 'src/engine/a.ts:1: '],
    ['a primitive past its own file', layering(file('src/components/parts/a.tsx', "import * as Popover from '@radix-ui/react-popover'")), 'src/components/parts/a.tsx:1: '],
    ['Node in the browser', layering(file('src/testing/a.ts', "import 'node:fs'")), 'src/testing/a.ts:1: '],
    ['the test kit in the engine', layering(file('src/engine/a.ts', "import { b } from '../testing/b.ts'")), 'src/engine/a.ts:1: '],
    ['a hook in the model of the monitor', layering(file('src/devtools/model/a.ts', "import { b } from '../../hooks/b.ts'")), 'src/devtools/model/a.ts:1: '],
    ['React in the faults', layering(file('src/devtools/faults/a.ts', "import { useState } from 'react'")), 'src/devtools/faults/a.ts:1: '],
    ['a component in the monitor', layering(file('src/devtools/ui/a.ts', "import { b } from '../../components/b.ts'")), 'src/devtools/ui/a.ts:1: '],
    ['the monitor in a component', layering(file('src/components/a.ts', "import { b } from '../devtools/b.ts'")), 'src/components/a.ts:1: '],
    ['a clock in the model of the monitor', purity(file('src/devtools/model/a.ts', 'const now = Date.now()')), 'src/devtools/model/a.ts:1: '],
    ['a folder without a layer', layering(file('src/stuff/a.ts', '')), 'src/stuff/a.ts:1: '],
    ['a way around by the index', ownIndex(file('src/engine/a.ts', "import { b } from './index.ts'")), 'src/engine/a.ts:1: '],
    ['a circle', cycles([file('src/core/a.ts', "import { b } from './b.ts'"), file('src/core/b.ts', "\nimport { a } from './a.ts'")]), 'src/core/b.ts:2: '],
    ['a thick door', length({ path: 'src/server/doors/a.ts', text: 'let a\n'.repeat(151) }), 'src/server/doors/a.ts:151: '],
    ['a long file', length(core('let a\n'.repeat(LINES_MOST + 1))), 'src/core/a.ts:301: '],
    ['a clock', purity(core('const now = Date.now()')), 'src/core/a.ts:1: '],
    ['a clock in a template', purity(core('const now = `${Date.now()}`')), 'src/core/a.ts:1: '],
    ['a timer', purity(core('\nsetTimeout(() => {}, 1)')), 'src/core/a.ts:2: '],
    ['chance', purity(core('const chance = Math.random()')), 'src/core/a.ts:1: '],
    ['a promise as a type', purity(core('export type Later = Promise<void>')), 'src/core/a.ts:1: '],
    ['an async function', purity(core('export async function f() {}')), 'src/core/a.ts:1: '],
    ['a shorthand property of a global', purity(core('const seams = { WebSocket }')).slice(0, 1), 'src/core/a.ts:1: '],
    ['a hook in a module without its directive', clientDirective(file('src/hooks/a.ts', "import { useState } from 'react'\nuseState(0)")), 'src/hooks/a.ts:2: '],
    ['a directive that is not first', clientDirective(file('src/components/a.tsx', "import type { A } from './b.ts'\n'use client'\nexport const a = <p />")), 'src/components/a.tsx:3: '],
    ['an export without TSDoc', documentation(core('/** Documented. */\nexport const a = 1\nexport const b = 2')), 'src/core/a.ts:3: '],
    ['a comment that is no TSDoc', documentation(core('// A number.\nexport const a = 1')), 'src/core/a.ts:1: '.replace(':1', ':2')],
    ['any', untyped(core('export type A = Record<string, any>')), 'src/core/a.ts:1: '],
    ['a default export', defaultExports(core('export default 1')), 'src/core/a.ts:1: '],
    ['an unfinished place', unfinished(core(`// ${'TO'}${'DO'}: later`)), 'src/core/a.ts:1: '],
    ['a silenced compiler', unfinished(core(`// @ts-${'ignore'}\nlet a`)), 'src/core/a.ts:1: '],
    ['a name in camel case', kebabCase({ path: 'src/core/roundTrip.ts', text: '' }), 'src/core/roundTrip.ts:1: '],
    ['a path of one machine', machinePaths({ path: 'a.md', text: `see\n${['', 'home', 'me'].join('/')}` }), 'a.md:2: '],
    ['the mark of a merge', mergeMarks({ path: 'a.md', text: `see\n${'<'.repeat(7)} HEAD` }), 'a.md:2: '],
    ['an option without a test', untestedOptions(core('export interface PolicyOptions { readonly queueSize?: number }'), [file('tests/a.test.ts', 'f({ other: 1 })')]), 'src/core/a.ts:1: '],
  ])('catch %s', (_, findings, where) => {
    expect(findings).toHaveLength(1)
    expect(findings[0]).toContain(where)
  })

  it('let pass what is in order', () => {
    expect(layering(file('src/hooks/a.ts', "import { b } from '../store/b.ts'\nimport { useState } from 'react'"))).toEqual([])
    expect(layering(file('src/components/a.ts', "import type { B } from '../core/b.ts'\nimport { type C } from '../core/c.ts'"))).toEqual([])
    expect(cycles([file('src/core/a.ts', "import type { B } from './b.ts'"), file('src/core/b.ts', "import { a } from './a.ts'")])).toEqual([])
    expect(purity(core("/** No Date here. */\nexport const a = { window: 'await', b: host.performance }"))).toEqual([])
    expect(clientDirective(file('src/components/a.tsx', "'use client'\nexport const a = <p />"))).toEqual([])
    expect(documentation(core('/** Sums. */\nexport function sum(a: string): string\nexport function sum(a: number): number\nexport function sum(a: never) { return a }'))).toEqual([])
    expect(unfinished(file('tests/types/a.test-d.ts', `// @ts-${'expect-error'}: not allowed\nf(1)`))).toEqual([])
    expect(untestedOptions(core('export interface PolicyOptions { readonly queueSize?: number }'), [file('tests/a.test.ts', 'f({ queueSize: 1 })')])).toEqual([])
  })
})
