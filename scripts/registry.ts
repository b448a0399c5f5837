/** `npm run registry`: writes `registry.json` and `registry/`, from which `shadcn add` installs the components as source. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDER, registryFiles } from './registry/registry.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

rmSync(join(root, FOLDER), { recursive: true, force: true })
for (const [path, text] of registryFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
