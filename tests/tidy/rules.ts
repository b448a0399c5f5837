/** Rules about one file each. A rule returns its findings: file, line, what is wrong, what to do. */
import { type Node, type Source, type Text, at } from './source.ts'

/** Longer files hold more than one idea. */
export const LINES_MOST = 300

/** A door of the server moves texts and decides nothing: that fits on a few pages. */
const DOOR_LINES_MOST = 150

export function length({ path, text }: Text): string[] {
  const lines = text.trimEnd().split('\n').length
  const most = path.startsWith('src/server/doors/') ? DOOR_LINES_MOST : LINES_MOST
  return lines > most ? [`${path}:${most + 1}: has ${lines} lines, ${most} are allowed: split it where its second idea begins`] : []
}

const IMPURE = new Set([
  'Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame',
  'WebSocket', 'console', 'Promise', 'window', 'document', 'navigator', 'globalThis', 'process', 'fetch',
])

/** Whether an identifier names a variable or type, and not a property that happens to be called so. */
function isReference(node: Node, parent: Node | undefined): boolean {
  if (node.type !== 'Identifier' || parent === undefined || parent['computed'] === true) return node.type === 'Identifier'
  if (parent.type === 'MemberExpression') return parent['property'] !== node
  return !(parent['key'] === node && parent['shorthand'] !== true)
}

/** core and protocol decide; they neither read clocks nor wait nor speak to anyone. */
export function purity(source: Source): string[] {
  return source.nodes.flatMap(({ node, parents: [parent] }) => {
    const say = (what: string): string[] => [at(source, node.start, `${what} in a pure layer: take it as an argument, or return an effect`)]
    if (node.type === 'AwaitExpression') return say('await')
    if (node['async'] === true) return say('async')
    const name = String(node['name'])
    if (isReference(node, parent) && IMPURE.has(name)) return say(name)
    const [object, property] = [node['object'], node['property']] as Array<Node | undefined>
    return node.type === 'MemberExpression' && object?.['name'] === 'Math' && property?.['name'] === 'random' ? say('Math.random') : []
  })
}

const CLIENT_PACKAGES = /^(react|react-dom|lucide-react|@radix-ui\/.*|zustand|zustand\/react\/.*)$/

/** A module that runs in components says so first, or a server would run it. */
export function clientDirective(source: Source): string[] {
  const why = source.nodes.find(({ node }) => node.type.startsWith('JSX') || (node.type === 'CallExpression' && /^use[A-Z]/.test(String((node['callee'] as Node)['name']))))
    ?.node.start ?? source.imports.find(({ specifier, typeOnly }) => !typeOnly && CLIENT_PACKAGES.test(specifier))?.start
  if (why === undefined || source.body[0]?.['directive'] === 'use client') return []
  return [at(source, why, "uses React, but the file does not begin with 'use client': make that its first statement")]
}

/** Names that a statement exports by declaring them. */
function declaredBy(statement: Node): string[] {
  const declaration = statement['declaration'] as Node | null | undefined
  if (statement.type !== 'ExportNamedDeclaration' || declaration === null || declaration === undefined) return []
  const declarators = (declaration['declarations'] as Node[] | undefined) ?? [declaration]
  return declarators.map((one) => String((one['id'] as Node)['name']))
}

/** Overloads share the comment of the first of them. */
export function documentation(source: Source): string[] {
  const documented = new Set<string>()
  return source.body.flatMap((statement) => declaredBy(statement).flatMap((name) => {
    const before = source.comments.findLast(({ end }) => end <= statement.start)
    const isDoc = before !== undefined && before.value.startsWith('*') && source.text.slice(before.end, statement.start).trim() === ''
    if (isDoc) documented.add(name)
    return documented.has(name) ? [] : [at(source, statement.start, `${name} is exported without a TSDoc comment: say what it means, in which unit, and when it fails`)]
  }))
}

export function untyped(source: Source): string[] {
  return source.nodes.filter(({ node }) => node.type === 'TSAnyKeyword').map(({ node }) => at(source, node.start, 'any: give it its type, or unknown'))
}

export function defaultExports(source: Source): string[] {
  return source.nodes
    .filter(({ node }) => node.type === 'ExportDefaultDeclaration')
    .map(({ node }) => at(source, node.start, 'default export: export it by its name'))
}

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b|@ts-(?:ignore|nocheck)|@ts-expect-error|(?:ox|es)lint-disable|biome-ignore/

/** Type tests expect errors; nobody else does. */
export function unfinished(source: Source): string[] {
  return source.comments.flatMap(({ value, start }) => {
    const found = UNFINISHED.exec(value)
    if (found === null || (found[0] === '@ts-expect-error' && source.path.startsWith('tests/types/'))) return []
    return [at(source, start + found.index, `${found[0]}: finish it, or solve what it silences`)]
  })
}

export function kebabCase({ path }: Text): string[] {
  const wrong = path.split('/').filter((part) => !/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(part))
  return wrong.length === 0 ? [] : [`${path}:1: ${wrong.join(', ')}: names of code are kebab-case`]
}

const MACHINE = /(?<![\w.~*])\/(?:work|root|tmp|home)\/|registry\.npmjs|npm\.pkg\.github/g

/** Whatever was true of one machine only is wrong on the next. */
export function machinePaths(source: Text): string[] {
  return [...source.text.matchAll(MACHINE)].map((match) => at(source, match.index, `${match[0]} is a place of one machine: derive it from import.meta.url or os.tmpdir(), or leave it out`))
}

const CONFLICT = /^(?:<{7}|>{7}) /gm

/** What a merge that was not finished leaves, in prose as well, where no compiler stumbles over it. */
export function mergeMarks(source: Text): string[] {
  return [...source.text.matchAll(CONFLICT)].map((match) => at(source, match.index, 'the mark of a merge: finish it'))
}

/** Options that are numbers or words for what happens at one, as `PolicyOptions` declares them. */
export function optionsOf(policy: Source): string[] {
  const declared = policy.nodes.find(({ node }) => node.type === 'TSInterfaceDeclaration' && (node['id'] as Node)['name'] === 'PolicyOptions')?.node
  const members = ((declared?.['body'] as Node | undefined)?.['body'] ?? []) as Node[]
  return members.map((member) => String((member['key'] as Node)['name']))
}

/** Every limit says what happens at it, and a test sets it. */
export function untestedOptions(policy: Source, tests: readonly Source[]): string[] {
  const set = new Set(tests.flatMap(({ nodes }) => nodes.filter(({ node }) => node.type === 'Property').map(({ node }) => String((node['key'] as Node)['name']))))
  return optionsOf(policy).filter((name) => !set.has(name)).map((name) => at(policy, policy.text.indexOf(`readonly ${name}?`), `no test sets ${name}: test what happens at it`))
}
