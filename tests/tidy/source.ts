/** The tree as the rules of tests/tidy.test.ts see it: files, their syntax, and where a thing stands. */
import { readFileSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A text of the tree; its path is relative to the root. */
export interface Text {
  readonly path: string
  readonly text: string
}

/** Any piece of syntax; its other fields depend on its type. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** An import or re-export of another module. */
export interface Import {
  /** As written. */
  readonly specifier: string
  /** Path in the tree, where the specifier is relative. */
  readonly target: string | null
  readonly typeOnly: boolean
  readonly names: readonly string[]
  readonly start: number
}

/** A parsed source file. */
export interface Source extends Text {
  readonly body: readonly Node[]
  /** Every piece of syntax with the pieces that hold it, innermost first. */
  readonly nodes: ReadonlyArray<{ readonly node: Node; readonly parents: readonly Node[] }>
  readonly comments: ReadonlyArray<{ readonly value: string; readonly start: number; readonly end: number }>
  readonly imports: readonly Import[]
}

/** A finding: where, what, and what to do. */
export function at(source: Text, offset: number, sentence: string): string {
  return `${source.path}:${source.text.slice(0, offset).split('\n').length}: ${sentence}`
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

function walk(node: Node, parents: readonly Node[], visit: (node: Node, parents: readonly Node[]) => void): void {
  visit(node, parents)
  const inside = [node, ...parents]
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) walk(child, inside, visit)
  }
}

const nameOf = (node: unknown): string => (isNode(node) ? String(node['name'] ?? node['value'] ?? '') : '')

function importOf(path: string, node: Node): Import[] {
  const given = node['source']
  if (!['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression', 'TSImportType'].includes(node.type) || !isNode(given)) return []
  const specifier = nameOf(given)
  const specifiers = (node['specifiers'] ?? []) as readonly Node[]
  const kind = (from: Node): boolean => (from['importKind'] ?? from['exportKind']) === 'type'
  return [{
    specifier,
    target: specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : null,
    typeOnly: node.type === 'TSImportType' || kind(node) || (specifiers.length > 0 && specifiers.every(kind)),
    names: specifiers.map((one) => nameOf(one['imported'] ?? one['local'])),
    start: node.start,
  }]
}

/** Parses one file. A file that cannot be parsed is an error, not a finding. */
export function parse(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`)
  const nodes: Array<{ node: Node; parents: readonly Node[] }> = []
  walk(program as unknown as Node, [], (node, parents) => nodes.push({ node, parents }))
  return { path, text, body: program.body as unknown as Node[], nodes, comments, imports: nodes.flatMap(({ node }) => importOf(path, node)) }
}

/** What git ignores is not ours to judge; it names folders only. */
const ignored = new Set(['.git', ...readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n').filter(Boolean)])

/** Paths of all files below a folder. */
export function pathsBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (ignored.has(entry.name)) return []
    return entry.isDirectory() ? pathsBelow(path) : [path]
  })
}

export const readText = (path: string): Text => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })

/** All code below a folder, parsed. */
export function sourcesBelow(folder: string): Source[] {
  return pathsBelow(folder).filter((path) => /\.tsx?$/.test(path)).map((path) => parse(path, readText(path).text))
}
