/** Orders that were not sent yet outlive a reload, a crashed page and a killed browser, and are handled once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type BrowserContext, type Page, chromium } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, createTestServer } from 'uplink/testing/server'
import { ENTRIES } from '../../vite.config.ts'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../setup/chromium.ts'
import type { PageApi } from './storage/page.ts'

const ORDERS = 500
const src = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

let site: Server
let executablePath: string

beforeAll(async () => {
  executablePath = await chromiumExecutable()
  const names = ['uplink/engine', 'uplink/protocols/uplink', 'uplink/storage/indexed-db']
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('storage/page.ts', import.meta.url))], bundle: true, write: false, format: 'esm', target: 'es2022',
    alias: Object.fromEntries(names.map((name) => [name, src(ENTRIES[name] as string)])),
  })
  const script = outputFiles[0]?.text ?? ''
  site = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><title>Orders</title><script type="module" src="/page.js"></script>')
  })
  await new Promise<void>((resolve) => { site.listen(0, '127.0.0.1', resolve) })
})
afterAll(() => { site?.close() })

// A page over plain http from another machine has no Web Locks; localhost is treated as https.
describe.each([['with Web Locks', '127.0.0.1', true], ['without Web Locks', 'plain.example', false]] as const)('500 orders of a page %s, in the middle of an outage', (_, host, hasLocks) => {
  let profile: string
  let context: BrowserContext
  let server: TestServer
  let page: Page

  async function openBrowser(): Promise<BrowserContext> {
    return chromium.launchPersistentContext(profile, { executablePath, args: [...CHROMIUM_FLAGS, '--host-resolver-rules=MAP plain.example 127.0.0.1'] })
  }

  async function openPage(): Promise<Page> {
    const fresh = await context.newPage()
    await fresh.goto(`http://${host}:${(site.address() as AddressInfo).port}/?server=${encodeURIComponent(server.url)}`)
    return fresh
  }

  const read = <Value>(from: Page, key: keyof PageApi): Promise<Value> => from.evaluate((name) => (globalThis as unknown as { api: Record<string, Value> }).api[name] as Value, key)

  beforeEach(async () => {
    profile = mkdtempSync(join(tmpdir(), 'uplink-profile-'))
    context = await openBrowser()
    server = await createTestServer()
    page = await openPage()
    await expect.poll(() => server.clients()).toBe(1)
    await server.stop()
    await page.evaluate((count) => (globalThis as unknown as { api: PageApi }).api.send(count), ORDERS)
  })

  afterEach(async () => {
    await context.close()
    await server.close()
    rmSync(profile, { recursive: true, force: true })
  })

  const handled = (): string[] => server.received().map(({ message }) => message.id as string)

  async function allArrive(persisted: readonly string[]): Promise<void> {
    await server.start()
    // Looking for what other pages left comes every 15 s.
    await expect.poll(() => handled().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(persisted.length)
    const seen = handled()
    expect(new Set(seen).size).toBe(seen.length)
    expect(persisted.filter((id) => !seen.includes(id))).toEqual([])
  }

  it('are there after a reload', async () => {
    await expect.poll(async () => (await read<string[]>(page, 'persisted')).length).toBe(ORDERS)
    expect(await read(page, 'hasLocks')).toBe(hasLocks)
    const persisted = await read<string[]>(page, 'persisted')
    await page.reload()
    await allArrive(persisted)
    await expect.poll(async () => (await read<string[]>(page, 'delivered')).length).toBe(ORDERS)
    expect(await read(page, 'problems')).toEqual([])
  })

  it('are there after a crash of the page, for exactly one of three others', async () => {
    await expect.poll(async () => (await read<string[]>(page, 'persisted')).length).toBeGreaterThan(0)
    const persisted = await read<string[]>(page, 'persisted')
    const session = await context.newCDPSession(page)
    const crashed = page.waitForEvent('crash')
    void session.send('Page.crash').catch(() => undefined)
    await crashed
    const others = [await openPage(), await openPage(), await openPage()]
    await allArrive(persisted)
    await expect.poll(async () => (await Promise.all(others.map((one) => read<string[]>(one, 'delivered')))).flat().length).toBe(handled().length)
  })

  it('are there after the browser was killed', async () => {
    await expect.poll(async () => (await read<string[]>(page, 'persisted')).length).toBe(ORDERS)
    const persisted = await read<string[]>(page, 'persisted')
    const browser = await context.browser()?.newBrowserCDPSession()
    expect(browser).toBeDefined()
    const gone = new Promise((resolve) => { context.once('close', resolve) })
    void browser?.send('Browser.crash').catch(() => undefined)
    await gone
    context = await openBrowser()
    await openPage()
    await allArrive(persisted)
  })

  it('stay with their page while it lives, however many others there are', async () => {
    await expect.poll(async () => (await read<string[]>(page, 'persisted')).length).toBe(ORDERS)
    const other = await openPage()
    await allArrive(await read<string[]>(page, 'persisted'))
    await expect.poll(async () => (await read<string[]>(page, 'delivered')).length).toBe(ORDERS)
    expect(await read(other, 'delivered')).toEqual([])
  })
})
