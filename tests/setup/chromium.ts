/**
 * A real Chromium from npm: unpacked once, under a lock, into node_modules. `CHROME_PATH` names
 * another one. Needs neither root nor a download.
 *
 * As vitest's global setup it runs once before the first browser starts; scripts that drive a browser
 * themselves await {@link chromiumExecutable}.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CACHE = join(ROOT, 'node_modules', '.cache', 'chromium-147')
const LIBRARIES = join(CACHE, 'al2023', 'lib')
const STALE_LOCK_MS = 120_000

/** How it is started: headless machines have no sandbox, no GPU and no business with the outside. */
export const CHROMIUM_FLAGS: string[] = [
  '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-quic', '--font-render-hinting=none',
]

/** Where the executable is, or will be once it has been unpacked. */
export function chromiumPath(): string {
  const chosen = process.env['CHROME_PATH']
  return chosen !== undefined && chosen !== '' ? chosen : join(CACHE, 'chromium')
}

/** The path of the executable, ready to start; unpacks it if nobody has. */
export async function chromiumExecutable(): Promise<string> {
  const executable = chromiumPath()
  if (dirname(executable) === CACHE) await unpackOnce()
  ensureLibraries(executable)
  return executable
}

/** Vitest's global setup. */
export default async function setup(): Promise<void> {
  await chromiumExecutable()
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

async function unpackOnce(): Promise<void> {
  const done = join(CACHE, 'done')
  const lock = join(CACHE, 'lock')
  mkdirSync(CACHE, { recursive: true })
  while (!existsSync(done)) {
    try {
      mkdirSync(lock)
    } catch {
      // Somebody else is at it; whoever died over it left a lock that is old by now.
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
      if (Date.now() - since > STALE_LOCK_MS) rmSync(lock, { recursive: true, force: true })
      await pause(100)
      continue
    }
    try {
      if (!existsSync(done)) unpack()
      writeFileSync(done, '')
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }
}

/** Unpacks beside the cache and moves the result in, so that an interrupted unpacking leaves nothing that looks whole. */
function unpack(): void {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const esm = pathToFileURL(join(dirname(dirname(entry)), 'esm', 'index.js')).href
  const fresh = mkdtempSync(join(CACHE, 'fresh-'))
  // The package unpacks into the temp folder, and its libraries only where it believes to be on AWS.
  execFileSync(process.execPath, ['--input-type=module', '-e', `
    const { default: chromium } = await import(${JSON.stringify(esm)})
    await chromium.executablePath()
  `], { env: { ...process.env, TMPDIR: fresh, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' }, stdio: 'inherit' })
  for (const name of readdirSync(fresh)) {
    rmSync(join(CACHE, name), { recursive: true, force: true })
    renameSync(join(fresh, name), join(CACHE, name))
  }
  rmSync(fresh, { recursive: true, force: true })
}

/** Where the system lacks the nss libraries, those that the package carries are used. */
function ensureLibraries(executable: string): void {
  if (spawnSync(executable, ['--version']).status === 0) return
  process.env['LD_LIBRARY_PATH'] = [LIBRARIES, process.env['LD_LIBRARY_PATH'] ?? ''].filter(Boolean).join(':')
  const second = spawnSync(executable, ['--version'], { encoding: 'utf8' })
  if (second.status === 0) return
  throw new Error(`Chromium does not start; CHROME_PATH may name another one. ${second.stderr || String(second.error)}`)
}
