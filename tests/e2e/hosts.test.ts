/** The package on the pages of others: no Tailwind, Tailwind 4, a strict Content Security Policy, right to left, and no network. Needs `npm run build`. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import { type Browser, type Page, chromium } from 'playwright'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type UplinkServer, anonymous, channel, createUplinkServer, everyone, wsDoor } from 'uplink/server'
import { installUplink } from '../../scripts/pack.ts'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../setup/chromium.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const PAGES = ['plain', 'tailwind', 'prefixed']
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' }

/** Nothing but files of this origin: no inline style, no inline script, no `style` attribute, no eval. */
const STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'none'; connect-src 'self'; base-uri 'none'; require-trusted-types-for 'script'"

let folder: string
let http: Server
let server: UplinkServer
let browser: Browser
let page: Page
let violations: string[]
let blocked: boolean
let sockets: Set<Socket>

beforeAll(async () => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  folder = mkdtempSync(join(root, '.cache', 'hosts-'))
  cpSync(join(root, 'tests', 'e2e', 'hosts'), folder, { recursive: true })
  installUplink(folder)
  for (const name of PAGES) {
    for (const dir of ['ltr', 'rtl']) writeFileSync(join(folder, `${name}-${dir}.html`), `<!doctype html><html lang="en" dir="${dir}"><title>${name}</title><main></main><script type="module" src="/${name}.tsx"></script></html>`)
  }
  await build({
    root: folder, configFile: false, logLevel: 'error', plugins: [tailwindcss()],
    build: { modulePreload: { polyfill: false }, rolldownOptions: { input: PAGES.flatMap((name) => ['ltr', 'rtl'].map((dir) => join(folder, `${name}-${dir}.html`))) } },
  })
  browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  http = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    try {
      const body = readFileSync(join(folder, 'dist', path))
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/plain', 'content-security-policy': STRICT }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  blocked = false
  sockets = new Set()
  http.on('connection', (socket) => sockets.add(socket))
  const letIn = anonymous()
  server = createUplinkServer({
    doors: [wsDoor({ server: http })], authenticate: (request) => (blocked ? null : letIn(request)), origins: '*', channels: [channel('prices', { subscribe: everyone, snapshot: () => 42 })],
  })
  await server.ready
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
  page = await browser.newPage({ viewport: { width: 800, height: 1200 } })
  violations = []
  page.on('pageerror', ({ message }) => violations.push(message))
  // Before anything of the page runs; as text, so that it runs as it is.
  await page.exposeFunction('report', (text: string) => { violations.push(text) })
  await page.addInitScript("document.addEventListener('securitypolicyviolation', (event) => report(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`))")
})

afterEach(async () => {
  await page.close()
  await server.close()
  http.closeAllConnections()
  http.close()
})

const states = () => page.locator('[data-slot="connection-indicator"], [data-slot="connection-status"], [data-slot="connection-status-card"]').evaluateAll((all) => all.map((one) => one.getAttribute('data-state')))
const allAre = (state: string) => expect.poll(states, { timeout: 20_000 }).toEqual([state, state, state])
const indicator = () => page.locator('[data-slot="connection-indicator"]')
const details = () => page.getByRole('dialog', { name: 'Connection details' })
const style = (slot: string, property: string) => page.locator(`[data-slot="${slot}"]`).first().evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property)

async function open(name: string): Promise<void> {
  await page.goto(`http://127.0.0.1:${(http.address() as AddressInfo).port}/${name}.html`)
  await allAre('connected')
}

describe('a page without Tailwind, under a strict Content Security Policy', () => {
  it('shows every component, its tooltip and its details, and violates nothing', async () => {
    await open('plain-ltr')
    await indicator().hover()
    await page.locator('[data-slot="tooltip"]').waitFor()
    await indicator().click()
    await details().waitFor()
    // The panel lies below its button, where only its styles can have put it.
    const [above, below] = [await indicator().boundingBox(), await details().boundingBox()]
    expect(below?.y).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 0))
    await expect.poll(() => page.locator('[data-slot="connection-status"] [data-slot="latency"]').textContent()).toMatch(/\d ms/)
    await server.close()
    await allAre('cooldown')
    await expect.poll(() => violations).toEqual([])
  })

  it('would be told of a violation', async () => {
    await open('plain-ltr')
    await page.evaluate("document.body.setAttribute('style', 'color: red')")
    await expect.poll(() => violations).toEqual(['style-src-attr inline '])
  })

  it('takes the tokens of shadcn, and its own before them; rules outside of layers win', async () => {
    await open('plain-ltr')
    expect(await style('connection-status-card', 'border-top-color')).toBe('rgb(1, 2, 3)')
    expect(await style('connection-status-card', 'background-color')).toBe('rgb(250, 240, 230)')
    expect(await style('connection-indicator', 'border-top-left-radius')).toBe('3px')
  })
})

describe.each(['tailwind', 'prefixed'])('a page with Tailwind 4 (%s)', (name) => {
  it("lets the host's utilities win, and changes nothing else of the components or the host", async () => {
    await open('plain-ltr')
    const font = await style('connection-status', 'font-size')
    await open(`${name}-ltr`)
    expect(await style('connection-indicator', 'border-top-left-radius')).toBe('0px')
    expect(await style('connection-indicator', 'padding-left')).toBe('32px')
    expect(await style('connection-status', 'font-size')).toBe(font)
    // A button of the host has the reset of the host's Tailwind.
    expect(await page.getByRole('button', { name: 'Report' }).evaluate((button) => getComputedStyle(button).borderTopWidth)).toBe('0px')
  })
})

it('reads from right to left where the page does', async () => {
  const order = async (): Promise<number> => {
    const [icon, label] = [await indicator().locator('svg').first().boundingBox(), await indicator().locator('[data-slot="label"]').boundingBox()]
    return Math.sign((label?.x ?? 0) - (icon?.x ?? 0))
  }
  await open('plain-ltr')
  expect(await order()).toBe(1)
  await open('plain-rtl')
  expect(await order()).toBe(-1)
  // Where there is room on both sides, the panel is flush with the end of its button: in a line from the right, its left side.
  await page.locator('main').evaluate((main) => { main.style.justifyItems = 'center' })
  await indicator().click()
  const [button, panel] = [await indicator().boundingBox(), await details().boundingBox()]
  expect(Math.abs((panel?.x ?? 0) - (button?.x ?? 0))).toBeLessThan(2)
})

describe('without a network', () => {
  /** From here on nothing can be loaded; what is asked for is noted. */
  async function cut(): Promise<string[]> {
    const asked: string[] = []
    await page.context().route('**', (route) => {
      asked.push(route.request().url())
      return route.abort()
    })
    return asked
  }

  it('shows an outage from its first moment to its last, with all that belongs to it, and asks for nothing', async () => {
    await open('plain-ltr')
    const asked = await cut()
    await server.close()
    http.closeAllConnections()
    http.close()
    await allAre('reconnecting')
    const marks = () => indicator().evaluate((element) => element.innerHTML.replace(/ class="[^"]*"/g, ''))
    const reconnecting = await marks()
    await allAre('cooldown')
    expect(await marks()).not.toBe(reconnecting)
    await indicator().click()
    await expect.poll(() => details().textContent()).toContain('Next attempt in')
    await page.keyboard.press('Escape')
    await page.context().setOffline(true)
    await page.locator('[data-slot="connection-status"] [data-slot="reconnect"]').click()
    await allAre('offline')
    expect(asked).toEqual([])
    // What is really loaded on demand does not come: the cut is one.
    await page.getByRole('button', { name: 'Report' }).click()
    await expect.poll(() => asked.length).toBe(1)
    expect(asked[0]).toMatch(/later.*\.js$/)
  })

  it('shows a refusal for good', async () => {
    await open('plain-ltr')
    const asked = await cut()
    blocked = true
    for (const socket of sockets) socket.destroy()
    await allAre('error')
    await indicator().click()
    await details().waitFor()
    expect(asked).toEqual([])
  })
})
