/** The package as npm would publish it, unpacked into a project: how tests and examples have it installed. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Packs what `npm run build` has made, and unpacks it as `node_modules/uplink` of the project in `folder`. */
export function installUplink(folder: string): void {
  const installed = join(folder, 'node_modules', 'uplink')
  rmSync(installed, { recursive: true, force: true })
  mkdirSync(installed, { recursive: true })
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1'])
  rmSync(join(folder, filename))
}
