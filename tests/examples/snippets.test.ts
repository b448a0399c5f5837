/** The TypeScript in the documentation, as a newcomer has it: what shows its imports compiles as it stands. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, 'node_modules', '.cache')
mkdirSync(cache, { recursive: true })
const project = mkdtempSync(join(cache, 'uplink-snippets-'))
afterAll(() => rmSync(project, { recursive: true, force: true }))

/** What pages take for granted: the reader's own application. A missing import of ours is not among it. */
const APPLICATION = `
declare const App: () => import('react').ReactNode
declare const uplink: import('uplink').Uplink
declare const root: import('react-dom/client').Root
declare const http: import('node:http').Server
declare const user: { readonly id: string }
declare const token: string
declare const book: (user: unknown, order: unknown) => unknown
declare const show: (...values: unknown[]) => void
declare module '@sentry/browser'
declare module '*.css'
`

/** Files of theirs that examples import. */
const FILES = {
  'prices.tsx': 'export const Prices = ({ url }: { url: string }) => url',
  'uplink.ts': "import { createUplink } from 'uplink'\nexport const uplink = createUplink({ url: '/ws' })",
}

/** Every block with an import, by where it begins. One that is no module by design says so: \`\`\`ts fragment */
function modules(path: string): Array<[where: string, code: string]> {
  const text = readFileSync(join(root, path), 'utf8')
  return [...text.matchAll(/^```tsx?( fragment)?\n([\s\S]*?)^```$/gm)]
    .filter(([, fragment, code = '']) => fragment === undefined && /^import /m.test(code))
    .map(({ index, 2: code = '' }) => [`${path}:${text.slice(0, index).split('\n').length}`, code])
}

const pages = ['docs', 'stories'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.mdx?$/.test(path)).map((path) => `${folder}/${path}`))
const found = ['README.md', ...pages].flatMap(modules)

/** What the compiler says of them, each as a module of its own, with the place in the page. */
function compile(snippets: ReadonlyArray<readonly [where: string, code: string]>): string {
  for (const [name, code] of Object.entries({ ...FILES, 'application.d.ts': APPLICATION })) writeFileSync(join(project, name), code)
  for (const [index, [, code]] of snippets.entries()) writeFileSync(join(project, `snippet-${index}.tsx`), `${code}\nexport {}\n`)
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, noPropertyAccessFromIndexSignature: false, types: ['node', 'vite/client'] },
    files: ['application.d.ts', ...snippets.map((_, index) => `snippet-${index}.tsx`)], include: [],
  }))
  const { stdout } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', project, '--pretty', 'false'], { cwd: project, encoding: 'utf8' })
  return stdout.replaceAll(/snippet-(\d+)\.tsx/g, (_, index: string) => `${snippets[Number(index)]?.[0]} `)
}

it('every example that shows its imports compiles', () => {
  expect(found.length).toBeGreaterThan(25)
  expect(compile(found)).toBe('')
}, 60_000)

it('an example that lacks an import, or has a name twice, would be caught', () => {
  const said = compile([
    ['no import', "import { pool } from 'uplink/pool'\ncreateUplink({ servers: pool(['wss://a.example']) })"],
    ['twice', "import { createUplink } from 'uplink'\nconst uplink = createUplink({ url: 'wss://a.example', protocol: uplink() })"],
  ])
  expect(said).toMatch(/no import .*createUplink/)
  expect(said).toMatch(/twice .*uplink/)
}, 60_000)
