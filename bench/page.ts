/** A page of a bench, built as users build theirs, and served. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' }

/** A served page. */
export interface ServedPage {
  readonly url: string
  close(): void
}

/** Builds `bench/<name>/page.html` for production and serves it; `alias` puts one module in the place of another. */
export async function servePage(name: string, alias: Readonly<Record<string, string>> = {}): Promise<ServedPage> {
  const folder = fileURLToPath(new URL(`../node_modules/.cache/bench-${name}`, import.meta.url))
  await build({
    configFile: false, root: fileURLToPath(new URL(name, import.meta.url)), logLevel: 'error', base: './',
    define: { 'process.env.NODE_ENV': '"production"' },
    resolve: { alias },
    build: { outDir: folder, emptyOutDir: true, rolldownOptions: { input: fileURLToPath(new URL(`${name}/page.html`, import.meta.url)) } },
  })
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    readFile(join(folder, path)).then(
      (body) => response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/page.html`, close: () => server.close() }
}
