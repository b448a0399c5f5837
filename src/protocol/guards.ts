/** What JSON from a network is looked over for before anybody works with it. */

/**
 * The deepest nesting of the text, or more: brackets inside strings are skipped exactly, so that a
 * message which only talks about brackets is not refused.
 */
export function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 34) {
      do {
        index = text.indexOf('"', index + 1)
        if (index < 0) return deepest
      } while (isEscaped(text, index))
    } else if (code === 123 || code === 91) {
      if (++depth > deepest) deepest = depth
    } else if (code === 125 || code === 93) depth--
  }
  return deepest
}

function isEscaped(text: string, quote: number): boolean {
  let start = quote
  while (text.charCodeAt(start - 1) === 92) start--
  return (quote - start) % 2 === 1
}

/** Whether an object anywhere below has the key `__proto__`. It is harmless until somebody copies it; that somebody is often a merge. */
export function hasPrototypeKey(root: unknown): boolean {
  const stack: unknown[] = [root]
  while (stack.length > 0) {
    const value = stack.pop()
    if (typeof value !== 'object' || value === null) continue
    if (Object.hasOwn(value, '__proto__')) return true
    for (const child of Object.values(value)) stack.push(child)
  }
  return false
}
