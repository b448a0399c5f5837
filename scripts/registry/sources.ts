/** Components as their users would have written them: what they need from the library by its name, classes without prefix. */
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { THEME } from './theme.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const components = join(root, 'src', 'components')

/** A file of an item, by its path below `src/components`. */
export interface ItemFile {
  readonly path: string
  readonly content: string
}

/** A component, with every file it is made of. */
export interface ComponentSource {
  readonly name: string
  readonly description: string
  readonly files: readonly ItemFile[]
  /** Packages that these import. */
  readonly packages: readonly string[]
}

const IMPORT = /^import (type )?\{([^}]*)\} from '([^']+)'\n/gm
const FROM = /^(?:import|export|\}).*? from '([^']+)'|^import '([^']+)'/gm

/** Where the one import from the library goes: where the first of many was. */
const PLACE = '\0'

const read = (path: string): string => readFileSync(join(components, path), 'utf8')

/** Names that the library exports. */
const exported: ReadonlySet<string> = new Set(
  [...readFileSync(join(root, 'src', 'index.ts'), 'utf8').matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
    .flatMap(([, names = '']) => names.split(',').map((name) => name.trim())),
)

/** What the imports of a file lead to: other files of the components, or packages. */
function targets(path: string): string[] {
  return [...read(path).matchAll(FROM)].map(([, one, other]) => one ?? other ?? '')
}

const isOurs = (specifier: string): boolean => specifier.startsWith('.')
const below = (path: string, specifier: string): string => relative(components, join(components, dirname(path), specifier))
const isInside = (path: string): boolean => !path.startsWith('..')

/** A file and all that it is made of, in the order of their names. */
function closure(path: string, known = new Set<string>()): string[] {
  if (known.has(path)) return []
  known.add(path)
  for (const specifier of targets(path).filter(isOurs)) {
    const target = below(path, specifier)
    if (isInside(target)) closure(target, known)
  }
  return [...known].toSorted()
}

/** One import from the library, instead of one from each of its modules. */
function importFromLibrary(path: string, names: readonly string[]): string {
  const unknown = names.map((name) => name.replace(/^type /, '')).filter((name) => !exported.has(name))
  if (unknown.length > 0) {
    throw new Error(`src/components/${path} uses ${unknown.join(', ')}: whoever has it as source can only import what src/index.ts exports; export it there, or do without`)
  }
  const sorted = [...new Set(names)].toSorted((a, b) => a.replace(/^type /, '').localeCompare(b.replace(/^type /, '')))
  const allTypes = sorted.every((name) => name.startsWith('type '))
  const list = allTypes ? sorted.map((name) => name.replace(/^type /, '')) : sorted
  return `import ${allTypes ? 'type ' : ''}{ ${list.join(', ')} } from 'uplink'\n`
}

/** Utilities of our own theme get our name, so that they meet none of the host's; `text-muted` is something else in shadcn. */
function renameUtilities(classes: string): string {
  return THEME.utilities.reduce((text, { utility, name }) => text.replaceAll(new RegExp(`(?<![\\w-])(${utility})-${name}(?![\\w-])`, 'g'), `$1-uplink-${name}`), classes)
}

/** The text of a file as it is installed. */
export function installable(path: string): string {
  const names: string[] = []
  const text = read(path).replaceAll(IMPORT, (whole: string, type: string | undefined, list: string, specifier: string) => {
    if (!isOurs(specifier)) return whole
    if (isInside(below(path, specifier))) return whole.replace(/\.tsx?'/, "'")
    const isFirst = names.length === 0
    names.push(...list.split(',').map((name) => name.trim()).filter(Boolean).map((name) => (type === undefined ? name : `type ${name}`)))
    return isFirst ? PLACE : ''
  }).replaceAll(/^(export [^\n]* from '\.[^']*)\.tsx?'/gm, "$1'")
  const joined = text.replace(PLACE, () => importFromLibrary(path, names))
  return joined.replaceAll(/(?<=['"` ])[^'"`\s]*\buplink:[^'"`\s]+/g, (token) => renameUtilities(token.replaceAll(/\buplink:/g, '')))
}

/** The package of a specifier. */
const packageOf = (specifier: string): string => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')

/** Every folder that holds a component of its name. */
export function componentSources(): ComponentSource[] {
  return readdirSync(components, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(components, entry.name)).includes(`${entry.name}.tsx`))
    .map(({ name }) => {
      const paths = closure(`${name}/${name}.tsx`)
      const outside = paths.flatMap(targets).filter((specifier) => !isOurs(specifier)).map(packageOf)
      return {
        name,
        description: /\/\*\*\s*(?:\*\s*)?([^\n*]+)/.exec(read(`${name}/${name}.tsx`))?.[1]?.trim() ?? '',
        files: paths.map((path) => ({ path, content: installable(path) })),
        packages: [...new Set(outside)].filter((one) => one !== 'react').toSorted(),
      }
    })
    .toSorted((a, b) => a.name.localeCompare(b.name))
}
