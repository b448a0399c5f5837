/** The shadcn registry against the components it is made from. */
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { FOLDER, registryFiles } from '../../scripts/registry/registry.ts'
import { THEME } from '../../scripts/registry/theme.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = registryFiles()
const text = [...files].filter(([path]) => path !== 'registry.json').map(([, content]) => content).join('\n')

describe('the registry', () => {
  it('is up to date; `npm run registry` makes it so', () => {
    const written = readdirSync(`${root}${FOLDER}`, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`.slice(root.length))
    expect([...written, 'registry.json'].toSorted()).toEqual([...files.keys()].toSorted())
    for (const [path, content] of files) expect(readFileSync(`${root}${path}`, 'utf8') === content, `${path} is out of date: run npm run registry`).toBe(true)
  })

  it('leaves nothing in the sources that only this repository understands', () => {
    expect(text).not.toMatch(/\.tsx?'/)
    expect(text).not.toMatch(/from '\.\.\/\.\.\//)
    expect(text).not.toMatch(/(?<=["'`\s])uplink:[a-z[-]/)
    for (const { utility, name } of THEME.utilities) expect(text).not.toMatch(new RegExp(`(?<=["'\`\\s:])(${utility})-${name}(?=["'\`\\s])`))
  })

  it('keeps Radix in one file a primitive', () => {
    const users = [...files].filter(([path, content]) => path !== 'registry.json' && content.includes('@radix-ui/')).map(([path]) => path)
    expect(users).toEqual([`${FOLDER}/primitives/popover.tsx`, `${FOLDER}/primitives/tooltip.tsx`])
  })
})
