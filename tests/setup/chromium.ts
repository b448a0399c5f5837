/**
 * A real Chromium from npm: unpacked once, under a lock, into node_modules. `CHROME_PATH` names
 * another one. Needs neither root nor a download.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
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

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function unpack(): void {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const esm = pathToFileURL(join(dirname(dirname(entry)), 'esm', 'index.js')).href
  // The package unpacks into the temp folder, and its libraries only where it believes to be on AWS.
  execFileSync(process.execPath, ['--input-type=module', '-e', `
    const { default: chromium } = await import(${JSON.stringify(esm)})
    await chromium.executablePath()
  `], { env: { ...process.env, TMPDIR: CACHE, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' }, stdio: 'inherit' })
}

/** The path of the executable; unpacks it if nobody has. */
export async function chromiumExecutable(): Promise<string> {
  const chosen = process.env['CHROME_PATH']
  if (chosen !== undefined && chosen !== '') return chosen
  const executable = join(CACHE, 'chromium')
  const done = join(CACHE, 'done')
  const lock = join(CACHE, 'lock')
  mkdirSync(CACHE, { recursive: true })
  while (!existsSync(done)) {
    try {
      mkdirSync(lock)
    } catch {
      if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > STALE_LOCK_MS) {
        rmSync(lock, { recursive: true, force: true })
      }
      await pause(100)
      continue
    }
    try {
      unpack()
      writeFileSync(done, '')
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }
  useOwnLibraries(executable)
  return executable
}

/** Where the system lacks the nss libraries, those that the package carries are used. */
function useOwnLibraries(executable: string): void {
  if (spawnSync(executable, ['--version']).status === 0) return
  process.env['LD_LIBRARY_PATH'] = [LIBRARIES, process.env['LD_LIBRARY_PATH'] ?? ''].filter(Boolean).join(':')
  const second = spawnSync(executable, ['--version'], { encoding: 'utf8' })
  if (second.status !== 0) throw new Error(`Chromium does not start: ${second.stderr || String(second.error)}`)
}
