/** The shadcn registry: an item for every component, each complete, so that it does not matter from where it is added. */
import { type CssRules, THEME, baseRules } from './theme.ts'
import { type ComponentSource, componentSources } from './sources.ts'

/** Where the files of the items lie, from the root. */
export const FOLDER = 'registry'

/** What is written: paths from the root, and their texts. */
export type RegistryFiles = ReadonlyMap<string, string>

const DOCS = 'Put your app into <UplinkProvider uplink={createUplink({ url })}> of the package `uplink`, and use the component below it. The sources are yours; primitives/ holds what is built on Radix, one file each, to be exchanged for what your project uses.'

function item({ name, description, files, packages }: ComponentSource, css: CssRules): object {
  return {
    name,
    type: 'registry:component',
    title: `${name.charAt(0).toUpperCase()}${name.slice(1)}`.replaceAll('-', ' '),
    description,
    dependencies: ['uplink', ...packages],
    files: files.map(({ path }) => ({ path: `${FOLDER}/${path}`, type: 'registry:component', target: `@components/uplink/${path}` })),
    cssVars: { theme: THEME.variables },
    css,
    categories: ['realtime', 'status'],
    docs: DOCS,
  }
}

/** `registry.json` and every file it names. */
export function registryFiles(): RegistryFiles {
  const sources = componentSources()
  const css = baseRules()
  const registry = {
    $schema: 'https://ui.shadcn.com/schema/registry.json',
    name: 'uplink',
    homepage: 'https://www.npmjs.com/package/uplink',
    items: sources.map((source) => item(source, css)),
  }
  return new Map([
    ['registry.json', `${JSON.stringify(registry, null, 2)}\n`],
    ...sources.flatMap(({ files }) => files.map(({ path, content }) => [`${FOLDER}/${path}`, content] as const)),
  ])
}
