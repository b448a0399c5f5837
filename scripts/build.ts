/** `npm run build`: src -> dist. JavaScript by Vite, declarations by tsc, the stylesheet by Tailwind. */
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)

function run(name: string, args: readonly string[]): void {
  const { status, error } = spawnSync(bin(name), args, { cwd: root, stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

rmSync(join(root, 'dist'), { recursive: true, force: true })
run('vite', ['build', '--logLevel', 'warn'])
run('tsc', ['-p', 'tsconfig.build.json'])
run('tsc', ['-p', 'tsconfig.build.node.json'])
run('tailwindcss', ['--input', 'src/styles.css', '--output', 'dist/styles.css', '--minify'])
// TypeScript 6 and later look for types even where a module is imported only for its side effect.
writeFileSync(join(root, 'dist', 'styles.css.d.ts'), 'export {}\n')
