/** `examples/next` as its users have it: built and started by Next, with the packed package, in real Chromium. Needs `npm run build`. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type Page, chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Feed, startFeed } from '../../examples/next/feed/feed.ts'
import { installUplink } from '../../scripts/pack.ts'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../setup/chromium.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const next = join(root, 'node_modules', 'next', 'dist', 'bin', 'next')

/** Notes what is on the screen from the first paint on, and what moves. As text: it runs in the page, as it is. */
const WATCH = `
  window.painted = []
  window.shifts = []
  const look = () => {
    const shown = document.querySelector('[data-slot="connection-indicator"]')
    const state = shown && shown.getAttribute('data-state') + ' ' + shown.getAttribute('aria-label')
    if (state && window.painted.at(-1) !== state) window.painted.push(state)
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  // A number that comes in and a bar that moves along are no shift of the page: everything else is.
  const news = (node) => (node.parentElement ?? document.body).closest('[data-slot="latency"], [data-slot="history"]') !== null
  new PerformanceObserver((list) => {
    for (const { sources } of list.getEntries()) for (const { node } of sources) if (node && !news(node)) window.shifts.push(node.outerHTML ?? node.textContent)
  }).observe({ type: 'layout-shift', buffered: true })
`

let folder: string
let feed: Feed
let app: ChildProcess
let url: string
let browser: Browser

/** Below the root, so that Next, React and the types are found in its node_modules; without the example's own. */
function copyExample(): string {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const copy = mkdtempSync(join(root, '.cache', 'next-'))
  cpSync(join(root, 'examples', 'next'), copy, { recursive: true, filter: (path) => !/[\\/](node_modules|\.next)$/.test(path) })
  return copy
}

beforeAll(async () => {
  if (!existsSync(join(root, 'dist', 'index.js'))) throw new Error('build first: npm run build')
  folder = copyExample()
  installUplink(folder)
  feed = await startFeed(0, '*')
  await feed.publish({ symbol: 'AAPL', bid: 231.5 })
  const env = { ...process.env, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1', FEED_URL: feed.url }
  // Types too: Next checks them against the declarations of the package.
  execFileSync(process.execPath, [next, 'build'], { cwd: folder, env, stdio: 'pipe', timeout: 100_000 })
  app = spawn(process.execPath, [next, 'start', '--port', '0', '--hostname', '127.0.0.1'], { cwd: folder, env })
  url = await new Promise<string>((resolve, refuse) => {
    let out = ''
    const hear = (chunk: unknown): void => {
      out += String(chunk)
      const found = /Local:\s+(http:\S+)/.exec(out)
      if (found !== null) resolve(found[1] as string)
    }
    app.stdout?.on('data', hear)
    app.stderr?.on('data', hear)
    app.once('exit', () => refuse(new Error(`next start ended: ${out}`)))
  })
  browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
})

afterAll(async () => {
  await browser?.close()
  app?.removeAllListeners('exit')
  app?.kill('SIGKILL')
  await feed?.stop()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

const indicator = (page: Page) => page.locator('[data-slot="connection-indicator"]')
const row = (page: Page, symbol: string) => page.getByRole('row', { name: symbol }).getByRole('cell')

describe('a Next app', () => {
  it('sends as its first HTML the prices of this moment and a connection that is under way', async () => {
    const html = await (await fetch(url)).text()
    expect(html).toContain('<th scope="row">AAPL</th><td>231.50</td>')
    const shown = [...html.matchAll(/data-slot="(connection-[a-z-]+)"[^>]* data-state="([a-z]+)"/g)].map(([, slot, state]) => `${slot} ${state}`)
    expect(shown).toEqual(['connection-indicator connecting', 'connection-status connecting', 'connection-status-card connecting'])
    expect(html).not.toMatch(/ style="/)
  })

  it('shows it without its scripts', async () => {
    const page = await browser.newPage({ javaScriptEnabled: false })
    await page.goto(url)
    expect(await indicator(page).getAttribute('aria-label')).toBe('Connection: Connecting')
    expect(await row(page, 'AAPL').textContent()).toBe('231.50')
    await page.close()
  })

  it('hydrates without a complaint, a flash or a shift, connects, and goes on from what it was sent', async () => {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => {
      if (['warning', 'error'].includes(message.type()) && !message.location().url.endsWith('favicon.ico')) complaints.push(message.text())
    })
    await page.addInitScript(WATCH)
    await page.goto(url)
    await expect.poll(() => indicator(page).getAttribute('data-state')).toBe('connected')
    await feed.publish({ symbol: 'AAPL', bid: 232.25 })
    await feed.publish({ symbol: 'BTC-USD', bid: 64_000 })
    await expect.poll(() => row(page, 'AAPL').textContent()).toBe('232.25')
    expect(await row(page, 'BTC-USD').textContent()).toBe('64000.00')
    expect(await page.evaluate('window.painted')).toEqual(['connecting Connection: Connecting', 'connected Connection: Connected'])
    expect(complaints).toEqual([])
    await page.close()
  })

  it('moves nothing while it comes alive', async () => {
    const page = await browser.newPage()
    await page.addInitScript(WATCH)
    await page.goto(url)
    await expect.poll(() => indicator(page).getAttribute('data-state')).toBe('connected')
    expect(await page.evaluate('window.shifts')).toEqual([])
    await page.close()
  })

  it('is back by itself after the feed was gone', async () => {
    const page = await browser.newPage()
    await page.goto(url)
    await expect.poll(() => indicator(page).getAttribute('data-state')).toBe('connected')
    const port = Number(new URL(feed.url).port)
    await feed.stop()
    await expect.poll(() => indicator(page).getAttribute('data-state')).toBe('reconnecting')
    feed = await startFeed(port, '*')
    await feed.publish({ symbol: 'AAPL', bid: 240 })
    await expect.poll(() => indicator(page).getAttribute('data-state'), { timeout: 60_000 }).toBe('connected')
    await expect.poll(() => row(page, 'AAPL').textContent()).toBe('240.00')
    await page.close()
  })
})
