/** Style as a test: layers, size, purity, names. Each rule says where it was broken, and what to do. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Source { readonly path: string; readonly text: string }

function walk(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = posix.join(folder, name)
    if (['node_modules', 'dist', 'storybook-static', 'dist-dashboard', 'reports', '.git'].includes(name)) return []
    return statSync(join(root, path)).isDirectory() ? walk(path) : [path]
  })
}
const read = (path: string): Source => ({ path, text: readFileSync(join(root, path), 'utf8') })
const sources = walk('src').filter((path) => /\.tsx?$/.test(path)).map(read)

/** Code without comments and strings, line by line, for rules about code. */
function codeOf({ text }: Source): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' ')).replace(/\/\/.*$/gm, '').replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, (string) => string.replace(/[^\n]/g, ' '))
}

function find(source: Source, pattern: RegExp, mend: string): string[] {
  return codeOf(source).split('\n').flatMap((line, index) => {
    const found = pattern.exec(line)
    return found === null ? [] : [`${source.path}:${index + 1}: ${found[0].trim()}: ${mend}`]
  })
}

const layerOf = (path: string): string => (path.split('/')[1] ?? '').replace(/\.tsx?$/, '')
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  protocol: ['protocol'],
  core: ['core', 'protocol'],
  engine: ['engine', 'core', 'protocol'],
  store: ['store', 'engine', 'core', 'protocol'],
  hooks: ['hooks', 'store', 'engine', 'core', 'protocol'],
  components: ['components', 'hooks', 'core', 'protocol'],
  transports: ['transports', 'engine', 'core', 'protocol'],
  testing: ['testing', 'engine', 'core', 'protocol'],
  index: ['components', 'hooks', 'store', 'engine', 'core', 'protocol'],
}

const importsOf = ({ path, text }: Source): Array<{ target: string; typeOnly: boolean }> =>
  [...text.matchAll(/^(?:import|export)\s+(type\s+)?[^'";]*?from '(\.[^']+)'/gm)].map((match) => ({
    target: posix.normalize(posix.join(posix.dirname(path), match[2] ?? '')), typeOnly: match[1] !== undefined,
  }))

const layering = (source: Source): string[] => importsOf(source).flatMap(({ target }) => {
  const [from, to] = [layerOf(source.path), layerOf(target)]
  return (ALLOWED[from] ?? []).includes(to) ? [] : [`${source.path}: imports ${target}; ${from} may import ${ALLOWED[from]?.join(', ') ?? 'nothing'}`]
})

const PURE = /\b(Date|performance|setTimeout|setInterval|WebSocket|console|async|await|Promise|window|document|navigator|globalThis)\b(?!:)|Math\.random/
const impure = (source: Source): string[] => (['core', 'protocol'].includes(layerOf(source.path)) ? find(source, PURE, 'core and protocol are pure: take it as an argument, or make it an effect') : [])
const forbidden = (source: Source): string[] => [
  ...find(source, /: any\b|<any>|\bas any\b/, 'give it a type'),
  ...find(source, /^export default/, 'export by name'),
  ...source.text.split('\n').flatMap((line, index) => (/\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck|expect-error)|(ox|es)lint-disable/.test(line) ? [`${source.path}:${index + 1}: finish it now`] : [])),
]
const tooLong = (source: Source): string[] => {
  const lines = source.text.split('\n').length - 1
  return lines > 300 ? [`${source.path}: ${lines} lines; over 300 it holds more than one idea`] : []
}
const usesReact = (source: Source): boolean => source.path.endsWith('.tsx') || /from '(react|zustand|zustand\/react\/\w+)'/.test(source.text)
const undirected = (source: Source): string[] => (usesReact(source) && !source.text.startsWith("'use client'\n") ? [`${source.path}: begin with 'use client'`] : [])
const undocumented = (source: Source): string[] => [...source.text.matchAll(/^export (?:declare )?(?:async )?(?:function|const|class|interface|type) (\w+)/gm)].flatMap((match) => {
  const before = source.text.slice(0, match.index).trimEnd()
  const overload = before.split('\n').at(-1)?.startsWith(`export function ${match[1]}<`) === true
  return before.endsWith('*/') || overload ? [] : [`${source.path}: ${match[1]} has no TSDoc`]
})

function cycles(all: readonly Source[]): string[] {
  const graph = new Map(all.map((source) => [source.path, importsOf(source).filter(({ typeOnly }) => !typeOnly).map(({ target }) => target)]))
  const state = new Map<string, 'open' | 'done'>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      return
    }
    state.set(path, 'open')
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    state.set(path, 'done')
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

describe('the sources', () => {
  it('exist', () => expect(sources.length).toBeGreaterThan(50))
  it('import downwards only', () => expect(sources.flatMap(layering)).toEqual([]))
  it('import nothing in a circle', () => expect(cycles(sources)).toEqual([]))
  it('are pure where they have to be', () => expect(sources.flatMap(impure)).toEqual([]))
  it('hold one idea a file', () => expect(sources.flatMap(tooLong)).toEqual([]))
  it('leave nothing unfinished, untyped or nameless', () => expect(sources.flatMap(forbidden)).toEqual([]))
  it("say 'use client' wherever React is used", () => expect(sources.flatMap(undirected)).toEqual([]))
  it('document every export', () => expect(sources.flatMap(undocumented)).toEqual([]))
  it('have kebab-case names', () => expect(sources.map(({ path }) => path).filter((path) => !/^[a-z0-9/-]+\.(ts|tsx)$/.test(path))).toEqual([]))
  it('never import their own index', () => expect(sources.flatMap((source) => importsOf(source).filter(({ target }) => target === posix.join(posix.dirname(source.path), 'index.ts')).map(() => source.path))).toEqual([]))
})

describe('the whole tree', () => {
  it('carries no path of the machine it was written on', () => {
    const text = walk('.').filter((path) => /\.(ts|tsx|mjs|css|md|mdx|json|html)$/.test(path) && !path.endsWith('package-lock.json')).map(read)
    const here = new RegExp(`${['', 'work', 'main'].join('/')}\\b|${['', 'root', ''].join('/')}|${['', 'home', ''].join('/')}`)
    expect(text.filter((source) => here.test(source.text)).map(({ path }) => path)).toEqual([])
  })
})

describe('the rules themselves', () => {
  const file = (path: string, text: string): Source => ({ path, text })
  it.each<[string, string[]]>([
    ['an import upwards', layering(file('src/core/a.ts', "import { b } from '../engine/b.ts'\n"))],
    ['a clock in core', impure(file('src/core/a.ts', 'const now = Date.now()\n'))],
    ['a promise in protocol', impure(file('src/protocol/a.ts', 'export async function f() {}\n'))],
    ['a long file', tooLong(file('src/core/a.ts', 'x\n'.repeat(301)))],
    ['an any', forbidden(file('src/core/a.ts', 'let a: any\n'))],
    ['a default export', forbidden(file('src/core/a.ts', 'export default 1\n'))],
    ['an unfinished place', forbidden(file('src/core/a.ts', `// ${'TO'}${'DO'} later\n`))],
    ['a client module without its directive', undirected(file('src/hooks/a.ts', "import { useState } from 'react'\n"))],
    ['an export without TSDoc', undocumented(file('src/core/a.ts', 'export const a = 1\n'))],
    ['a circle', cycles([file('src/core/a.ts', "import { b } from './b.ts'\n"), file('src/core/b.ts', "import { a } from './a.ts'\n")])],
  ])('catch %s', (_, problems) => expect(problems).toHaveLength(1))

  it('let words in comments and strings pass', () => {
    expect(impure(file('src/core/a.ts', "/** No Date here. */\nconst a = 'await the window'\n"))).toEqual([])
  })

  it('know where the tree is', () => expect(relative(root, join(dirname(fileURLToPath(import.meta.url)), '..'))).toBe(''))
})
