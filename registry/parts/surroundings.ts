/** What a panel in a portal would lose: the theme, the tokens and the direction of the place it belongs to. */
import type { CSSProperties } from 'react'

const TOKENS = ['surface', 'ink', 'muted', 'line', 'hover', 'ring', 'good', 'busy', 'late', 'bad', 'idle']

/** Props for an element elsewhere in the page that has to look as if it were here. */
export interface Surroundings {
  readonly dir: 'ltr' | 'rtl'
  readonly style: CSSProperties
}

/**
 * Reads the surroundings of an element off what the browser computed for it, so that it does not matter how
 * they were set: by class, attribute, token or inheritance.
 */
export function surroundingsOf(element: Element): Surroundings {
  const computed = getComputedStyle(element)
  const tokens = TOKENS.map((name) => [`--uplink-${name}`, computed.getPropertyValue(`--uplink-${name}`)])
  return {
    dir: computed.direction === 'rtl' ? 'rtl' : 'ltr',
    style: { ...Object.fromEntries(tokens), colorScheme: computed.colorScheme, fontFamily: computed.fontFamily },
  }
}
