/** What Tailwind and the stylesheet of a host need to know: our theme under our name, and our base rules. */
import { readFileSync } from 'node:fs'
import postcss, { type ChildNode, type Container } from 'postcss'
import tailwind from '../../tailwind.config.ts'

/** A utility of our theme, and the pattern of the utilities that use it. */
interface Utility {
  readonly utility: string
  readonly name: string
}

/** Rules as shadcn's CLI takes them: a declaration is a text, everything else an object. */
export interface CssRules {
  [selectorOrProperty: string]: string | CssRules
}

/** A section of a Tailwind config: what Tailwind 4 calls its variables, and which utilities use them. */
const SECTIONS: Readonly<Record<string, readonly [variable: string, utility: string]>> = {
  colors: ['color', '(?:text|bg|border(?:-[trblxyse])?|outline|ring|fill|stroke|accent|caret|decoration|divide|from|via|to|shadow)'],
  animation: ['animate', 'animate'],
  boxShadow: ['shadow', 'shadow'],
  borderRadius: ['radius', 'rounded(?:-[a-z]{1,2})?'],
  fontFamily: ['font', 'font'],
  fontSize: ['text', 'text'],
  transitionTimingFunction: ['ease', 'ease'],
}

/** `{tone: {DEFAULT, ink}}` as `tone` and `tone-ink`. */
function flat(values: object): Array<[name: string, value: string]> {
  return Object.entries(values).flatMap(([name, value]: [string, unknown]): Array<[string, string]> =>
    typeof value === 'string' ? [[name, value]] : flat(value as object).map(([inner, one]) => [inner === 'DEFAULT' ? name : `${name}-${inner}`, one]))
}

function readTheme(): { readonly variables: Record<string, string>; readonly utilities: readonly Utility[] } {
  const variables: Record<string, string> = {}
  const utilities: Utility[] = []
  for (const [section, values] of Object.entries(tailwind.theme?.extend ?? {})) {
    const known = SECTIONS[section]
    if (known === undefined) throw new Error(`tailwind.config.ts has a section ${section}: say in scripts/registry/theme.ts what Tailwind 4 calls it`)
    for (const [name, value] of flat(values as object)) {
      variables[`${known[0]}-uplink-${name}`] = value
      utilities.push({ utility: known[1], name })
    }
  }
  return { variables, utilities }
}

/** Our theme: variables for `@theme inline`, and the utilities that have to be renamed. */
export const THEME: ReturnType<typeof readTheme> = readTheme()

function asRules(container: Container): CssRules {
  const rules: CssRules = {}
  const put = (key: string, node: Container): void => {
    rules[key] = { ...(rules[key] as CssRules | undefined), ...asRules(node) }
  }
  container.each((node: ChildNode) => {
    if (node.type === 'decl') rules[node.prop] = node.important === true ? `${node.value} !important` : node.value
    if (node.type === 'rule') put(node.selector, node)
    if (node.type === 'atrule') put(`@${node.name} ${node.params}`, node)
  })
  return rules
}

/** The rules below the utilities, in the host's layer of that purpose: it comes before its utilities, as ours does. */
export function baseRules(): CssRules {
  const sheet = postcss.parse(readFileSync(new URL('../../src/styles.css', import.meta.url), 'utf8'))
  const found: CssRules = {}
  sheet.each((node) => {
    if (node.type !== 'atrule') return
    if (node.name === 'layer' && node.params === 'uplink.base') found['@layer base'] = { ...(found['@layer base'] as CssRules | undefined), ...asRules(node) }
    if (node.name === 'keyframes' || node.name === 'property') found[`@${node.name} ${node.params}`] = asRules(node)
  })
  return found
}
