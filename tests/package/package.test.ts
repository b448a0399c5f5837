/** The package as it would be published: built, packed, bundled, imported. Needs `npm run build`. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'
import { publint } from 'publint'
import { beforeAll, describe, expect, it } from 'vitest'
import { BANNER, BUDGETS, COMPONENTS, STYLES } from './budgets.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(root, 'dist')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> }

/** What is injected, and nobody else carries. */
const PARTS = ['fallback', 'pool', 'market']

beforeAll(() => {
  if (!existsSync(join(dist, 'index.js'))) throw new Error('build first: npm run build')
})

async function bundle(code: string, options: BuildOptions) {
  const result = await build({
    // Resolved through the package's own exports, as a user's bundler would; not through tsconfig paths.
    stdin: { contents: code, resolveDir: root, loader: 'js' }, tsconfigRaw: '{}', bundle: true, minify: true, format: 'esm',
    write: false, metafile: true, logLevel: 'silent', legalComments: 'none', ...options,
  })
  const output = Object.values(result.metafile?.outputs ?? {})[0]
  return {
    bytes: gzipSync(result.outputFiles?.[0]?.contents ?? '', { level: 9 }).length,
    imports: [...new Set(output?.imports.filter(({ external }) => external).map(({ path }) => path))].toSorted(),
    inputs: Object.entries(output?.inputs ?? {}).map(([path, { bytesInOutput }]) => ({ path, bytesInOutput })),
  }
}

describe('each subpath', () => {
  it.each(BUDGETS)('$name imports what it says and weighs what it may', async ({ code, external, imports, goalBytes, mostBytes, browser, name }) => {
    const made = await bundle(code, { external: [...external], platform: browser ? 'browser' : 'node' })
    console.log(`${name}: ${made.bytes} B gzip; goal ${goalBytes}, at most ${mostBytes}`)
    expect(made.inputs.some(({ path }) => path.startsWith('dist/')), 'bundled from dist').toBe(true)
    expect(made.imports).toEqual(imports)
    if (browser) expect(made.imports.filter((path) => path.startsWith('node:'))).toEqual([])
    expect(made.bytes).toBeLessThanOrEqual(mostBytes)
  })

  it('has a budget', () => {
    const subpaths = Object.keys(manifest.exports).filter((path) => !/\.(css|json)$/.test(path)).map((path) => `uplink${path.slice(1)}`)
    expect(subpaths.filter((path) => !BUDGETS.some(({ code }) => code.includes(`'${path}'`)))).toEqual([])
  })

  it("the three components' own code is within 8 kB, and the banner's beside it within its own", async () => {
    const all = ['react', 'react-dom', 'react/jsx-runtime', '@radix-ui/*', 'lucide-react', 'zustand', 'zustand/*']
    const hooks = "export { createUplink, UplinkProvider, useWebSocket, useChannel, useLatency, useConnection, useConnectionStats, useConnectionHistory, useConnectionDisplay, useClock, useOutbox, useUplink } from 'uplink';"
    const three = `${hooks} export { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard } from 'uplink';`
    const [without, withThem, withBanner] = await Promise.all([hooks, three, `${three} export { ConnectionBanner } from 'uplink'`].map(async (code) => (await bundle(code, { external: all, platform: 'browser' })).bytes))
    const [bytes, banner] = [Number(withThem) - Number(without), Number(withBanner) - Number(withThem)]
    console.log(`components: ${bytes} B gzip; goal ${COMPONENTS.goalBytes}; banner: ${banner} B, at most ${BANNER.mostBytes}`)
    expect(bytes).toBeGreaterThan(1_000)
    expect(bytes).toBeLessThanOrEqual(COMPONENTS.mostBytes)
    expect(banner).toBeGreaterThan(500)
    expect(banner).toBeLessThanOrEqual(BANNER.mostBytes)
  })

  describe.each(['uplink', 'uplink/engine'])('%s', (subpath) => {
    /** All of the subpath, with every module of the parts emptied: what reaches one of them becomes another program. */
    async function program(code: string, emptied: boolean): Promise<string> {
      const result = await build({
        stdin: { contents: code, resolveDir: root, loader: 'js' }, tsconfigRaw: '{}', bundle: true, minify: true, format: 'esm', write: false, logLevel: 'silent', platform: 'browser',
        external: ['react', 'react-dom', 'react/jsx-runtime'],
        plugins: [{
          name: 'without parts',
          setup({ onLoad }) {
            if (emptied) onLoad({ filter: new RegExp(`[\\\\/]dist[\\\\/](${PARTS.join('|')})[\\\\/]`) }, () => ({ contents: 'export {}' }))
          },
        }],
      })
      return result.outputFiles[0]?.text ?? ''
    }

    it('is the same program, to the byte, whether fallback, pool and market are there or not', async () => {
      for (const part of PARTS) expect(existsSync(join(dist, part)), `dist/${part}`).toBe(true)
      const everything = `export * from '${subpath}'`
      const whole = await program(everything, false)
      expect(whole.length).toBeGreaterThan(10_000)
      expect(await program(everything, true)).toBe(whole)
    })

    it('would be caught if it reached one of them', async () => {
      for (const part of PARTS) {
        const reaching = `export * from '${subpath}'; import * as part from 'uplink/${part}'; console.log(part)`
        expect(await program(reaching, true), part).not.toBe(await program(reaching, false))
      }
    })
  })

  it('can be imported on a server, and reads no global of the page while it is', () => {
    const trap = (name: string): string => `Object.defineProperty(globalThis, '${name}', { configurable: true, get() { throw new Error('read ${name}') } });`
    const PAGE = ['WebSocket', 'location', 'localStorage', 'sessionStorage', 'indexedDB', 'requestAnimationFrame', 'addEventListener']
    for (const { code } of BUDGETS) {
      const subpath = /'(uplink[^']*)'/.exec(code)?.[1] ?? ''
      // Testing Library, msw and Socket.IO look for a page or a worker when they load, and so does jose, which only
      // servers import; that every subpath loads is tested elsewhere.
      if (subpath.startsWith('uplink/server') || ['uplink/testing/react', 'uplink/testing/msw', 'uplink/transports/socket-io'].includes(subpath)) continue
      // React and Radix look for a page when they load; nothing of ours does, and the engine reads no clock or chance either.
      const ours = ['uplink', 'uplink/devtools'].includes(subpath) ? [] : ['window', 'document', 'navigator']
      const engine = subpath === 'uplink/engine' ? ['performance', 'crypto'] : []
      const traps = [...PAGE, ...ours, ...engine].map(trap).join('')
      execFileSync(process.execPath, ['--input-type=module', '-e', `${traps} await import('${subpath}')`], { cwd: root, stdio: 'pipe' })
    }
  })

  it('would be caught if it read one', () => {
    const script = "Object.defineProperty(globalThis, 'window', { get() { throw new Error('read window') } }); await import('data:text/javascript,export default typeof window')"
    expect(() => execFileSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'pipe' })).toThrow('read window')
  })
})

describe('the package', () => {
  it('passes publint', async () => {
    const { messages } = await publint({ pkgDir: root, strict: true })
    expect(messages).toEqual([])
  })

  it('has types that resolve everywhere (are the types wrong?)', () => {
    const attw = join(root, 'node_modules', '.bin', 'attw')
    const output = execFileSync(attw, ['--pack', '.', '--profile', 'esm-only', '--no-color', '--format', 'ascii'], { cwd: root, encoding: 'utf8' })
    // It exits with 1, which throws here, on any problem that is not ignored by the profile.
    for (const subpath of Object.keys(manifest.exports)) expect(output).toContain(`"uplink${subpath.slice(1)}"`)
  })

  it('holds what is meant to be published, and nothing else', () => {
    const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as Array<{ files: Array<{ path: string }> }>
    const tops = new Set(packed?.files.map(({ path }) => path.split('/')[0]))
    expect([...tops].toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'package.json'])
    expect(packed?.files.some(({ path }) => path === 'dist/styles.css')).toBe(true)
  })

  it("keeps 'use client' in every client module", () => {
    const clients = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path) && readFileSync(join(root, 'src', path), 'utf8').startsWith("'use client'"))
    expect(clients.length).toBeGreaterThan(15)
    const lost = clients.filter((path) => !/^["']use client["']/.test(readFileSync(join(dist, path.replace(/\.tsx?$/, '.js')), 'utf8')))
    expect(lost).toEqual([])
  })

  it('has a stylesheet without a reset, in layers of its own, prefixed', () => {
    const css = readFileSync(join(dist, 'styles.css'), 'utf8')
    const bytes = gzipSync(css, { level: 9 }).length
    console.log(`uplink/styles.css: ${bytes} B gzip; at most ${STYLES.mostBytes}`)
    expect(bytes).toBeLessThanOrEqual(STYLES.mostBytes)
    const layers = [...css.matchAll(/@layer ([\w.,\s]+)[{;]/g)].flatMap((match) => (match[1] ?? '').split(',')).map((name) => name.trim())
    expect(layers.filter((name) => !name.startsWith('uplink.') && name !== 'properties')).toEqual([])
    expect([...css.matchAll(/@keyframes ([\w-]+)/g)].map((match) => match[1])).toEqual(['uplink-turn', 'uplink-enter'])
    expect(css).not.toMatch(/(^|[},])(\*|html|body|button)[,{]/)
  })
})
