/** The registry as shadcn's own tool reads it: checked, built, installed as source, compiled, and looked at beside the package. Needs `npm run build`. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import { type Browser, type Page, chromium } from 'playwright'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installUplink } from '../../scripts/pack.ts'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../setup/chromium.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGES = ['@radix-ui/react-popover', '@radix-ui/react-tooltip', 'lucide-react', 'react', 'react-dom', 'tailwindcss', 'uplink']

/** A shadcn project, as its own `init` leaves one behind. */
const PROJECT: Readonly<Record<string, unknown>> = {
  'package.json': { name: 'host', private: true, type: 'module', dependencies: Object.fromEntries(PACKAGES.map((name) => [name, '*'])) },
  'components.json': {
    $schema: 'https://ui.shadcn.com/schema.json', style: 'new-york', rsc: false, tsx: true, iconLibrary: 'lucide',
    // No base colour: the tool would ask its website for it.
    tailwind: { config: '', css: 'src/index.css', baseColor: '', cssVariables: true, prefix: '' },
    aliases: { components: '@/components', utils: '@/lib/utils', ui: '@/components/ui', lib: '@/lib', hooks: '@/hooks' },
  },
  'tsconfig.json': {
    compilerOptions: {
      target: 'es2022', lib: ['es2023', 'dom', 'dom.iterable'], module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx', strict: true,
      exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true, types: ['vite/client'], paths: { '@/*': ['./src/*'] },
    },
    include: ['src'],
  },
}

/** The theme of the host: shadcn's tokens, and one of ours. */
const HOST_CSS = '@import "tailwindcss";\n'
const TOKENS = ':root { --popover: rgb(250, 250, 252); --border: rgb(1, 2, 3); --uplink-color-good: rgb(0, 96, 64) } body { margin: 0; font: 16px/1.5 system-ui }'

/** What makes up the looks of an element, as far as somebody sees it. */
const LOOKS = `(() => [...document.querySelectorAll('main [data-slot], main [data-slot] svg')].map((element) => {
  const { color, backgroundColor, fontSize, fontWeight, padding, borderWidth, borderColor, borderRadius, gap, outlineStyle } = getComputedStyle(element)
  const { width, height } = element.getBoundingClientRect()
  return { slot: element.dataset.slot, state: element.dataset.state, color, backgroundColor, fontSize, fontWeight, padding, borderWidth, borderColor, borderRadius, gap, outlineStyle, width, height }
}))()`

const shadcn = (cwd: string, ...args: string[]) => spawnSync(process.execPath, [join(root, 'node_modules', 'shadcn', 'dist', 'index.js'), ...args], { cwd, encoding: 'utf8', timeout: 60_000 })

let folder: string
let server: Server
let browser: Browser
let problems: string[]

beforeAll(async () => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  folder = mkdtempSync(join(root, '.cache', 'shadcn-'))
  mkdirSync(join(folder, 'src'))
  for (const [name, content] of Object.entries(PROJECT)) writeFileSync(join(folder, name), JSON.stringify(content))
  writeFileSync(join(folder, 'vite.config.ts'), 'export default {}\n')
  writeFileSync(join(folder, 'src', 'index.css'), HOST_CSS)
  installUplink(folder)
  expect(shadcn(root, 'build', 'registry.json', '--output', join(folder, 'r'))).toMatchObject({ status: 0 })
})

afterAll(async () => {
  await browser?.close()
  server?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(name: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 900, height: 700 } })
  page.on('pageerror', ({ message }) => problems.push(message))
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}.html`)
  await page.locator('[data-slot="connection-status-card"][data-state="connected"]').waitFor()
  return page
}

describe('the registry', () => {
  it('is what the tool calls valid', () => {
    const { stdout, stderr, status } = shadcn(root, 'registry', 'validate')
    expect(`${stdout}${stderr}`).toContain('Registry is valid')
    expect(status).toBe(0)
  })

  it('installs every item as source, into a project that compiles it', () => {
    const items = readdirSync(join(folder, 'r')).filter((name) => name !== 'registry.json').map((name) => join(folder, 'r', name))
    expect(items.length).toBeGreaterThan(2)
    const added = shadcn(folder, 'add', '--yes', ...items)
    expect(added, added.stderr).toMatchObject({ status: 0 })
    for (const path of ['source.tsx', 'packaged.tsx', 'show.tsx']) cpSync(join(root, 'tests', 'e2e', 'registry', path), join(folder, 'src', path))
    const checked = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', folder, '--pretty', 'false'], { encoding: 'utf8' })
    expect(checked.stdout).toBe('')
    expect(checked.status).toBe(0)
  })

  it('looks and acts, compiled by the host, as the package does', async () => {
    problems = []
    for (const name of ['source', 'packaged']) {
      writeFileSync(join(folder, `${name}.html`), `<!doctype html><html lang="en"><title>${name}</title><style>${TOKENS}</style><script type="module" src="/src/${name}.tsx"></script></html>`)
    }
    await build({
      root: folder, configFile: false, logLevel: 'error', plugins: [tailwindcss()], resolve: { alias: { '@': join(folder, 'src') } },
      build: { rolldownOptions: { input: ['source', 'packaged'].map((name) => join(folder, `${name}.html`)) } },
    })
    server = createServer((request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      response.writeHead(200, { 'content-type': path.endsWith('.html') ? 'text/html' : path.endsWith('.css') ? 'text/css' : 'text/javascript' }).end(readFileSync(join(folder, 'dist', path)))
    })
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
    const [source, packaged] = [await open('source'), await open('packaged')]
    const looks = async (page: Page): Promise<unknown[]> => page.evaluate<unknown[]>(LOOKS)
    expect((await looks(packaged)).length).toBeGreaterThan(20)
    expect(await looks(source)).toEqual(await looks(packaged))
    for (const page of [source, packaged]) {
      await page.evaluate('lose()')
      await page.locator('[data-slot="connection-indicator"][data-state="error"]').click()
      await page.getByRole('dialog', { name: 'Connection details' }).waitFor()
    }
    expect(await looks(source)).toEqual(await looks(packaged))
    expect(problems).toEqual([])
  })
})

it('installs nothing that is not written down', () => {
  // What the tool has to fetch, it would have asked npm for; the project names all of it.
  const { items } = JSON.parse(readFileSync(join(root, 'registry.json'), 'utf8')) as { items: Array<{ dependencies: string[] }> }
  expect(items.flatMap(({ dependencies }) => dependencies).filter((name) => !PACKAGES.includes(name))).toEqual([])
})
