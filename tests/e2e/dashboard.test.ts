/** The demo as `npm start` runs it, in real Chromium, broken in every way its panel offers. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type Page, chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Demo, buildPage, startDemo } from '../../examples/dashboard/demo.ts'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../setup/chromium.ts'

const tape = fileURLToPath(new URL('../../../shared/data/binance/BINANCE_FUTURES.ws.1.0', import.meta.url))
let browser: Browser
let folder: string

beforeAll(async () => {
  folder = await buildPage()
  browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
})
afterAll(() => browser?.close())

const stateOf = (page: Page) => page.locator('[data-slot="connection-indicator"]').getAttribute('data-state')
const reaches = (page: Page, state: string, timeout = 30_000) => expect.poll(() => stateOf(page), { timeout, interval: 50 }).toBe(state)
const press = (page: Page, name: RegExp | string) => page.getByRole('region', { name: 'Break it' }).getByRole('button', { name, exact: true }).click()

describe('the dashboard', () => {
  let demo: Demo
  let page: Page
  const problems: string[] = []
  /** Sockets of the page that have heard anything. */
  const sockets = { opened: 0 }

  beforeAll(async () => {
    demo = await startDemo({ speed: 1, seed: 7, port: 0 }, folder)
    page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('websocket', (socket) => {
      socket.once('framereceived', () => { sockets.opened++ })
    })
    await page.goto(demo.url)
  })
  afterAll(async () => {
    await page?.close()
    await demo?.stop()
  })

  const prices = () => page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-last')).join())

  it('shows a market of 240 symbols that ticks, and where it comes from', async () => {
    await reaches(page, 'connected')
    await expect.poll(() => page.locator('tbody tr').count()).toBe(240)
    const before = await prices()
    await expect.poll(prices).not.toBe(before)
    expect(await page.getByTestId('source').textContent()).toBe('Simulated market, seed 7')
  })

  it.each([
    ['Restart', 'reconnecting', 'connected'],
    ['Stop answering', 'reconnecting', 'connected'],
    ['Overloaded', 'reconnecting', 'connected'],
    ['Refuse', 'reconnecting', 'connected'],
    ['Hang upgrades', 'reconnecting', 'connected'],
  ])('%s: is seen as %s, dims the data, and heals to %s', async (fault, during, after) => {
    await press(page, new RegExp(`^${fault}`))
    await reaches(page, during)
    await expect.poll(() => page.getByTestId('as-of').textContent()).toMatch(/^Stale: data as of/)
    await press(page, 'Heal everything')
    await press(page, 'Reconnect now')
    await reaches(page, after)
    await expect.poll(() => page.getByTestId('as-of').textContent()).toBe('240 symbols, live')
  })

  const isLive = (target = page) => expect.poll(() => target.getByTestId('as-of').textContent(), { timeout: 20_000 }).toBe('240 symbols, live')

  it('Drop everyone: every page is back by itself on one new socket, and counts one reconnect', async () => {
    const fresh = await browser.newPage()
    let dialed = 0
    fresh.on('websocket', () => { dialed++ })
    await fresh.goto(demo.url)
    const reconnects = () => fresh.locator('[data-slot="connection-status-card"] dt:text-is("Reconnects") + dd').textContent().then((text) => text?.split(' ')[0])
    for (const target of [page, fresh]) await isLive(target)
    expect([dialed, await reconnects()]).toEqual([1, '0'])
    const before = sockets.opened
    await press(fresh, /^Drop everyone/)
    await expect.poll(() => sockets.opened, { timeout: 20_000 }).toBe(before + 1)
    await expect.poll(reconnects, { timeout: 20_000 }).toBe('1')
    for (const target of [page, fresh]) {
      await isLive(target)
      await reaches(target, 'connected')
    }
    expect(dialed).toBe(2)
    await fresh.close()
  })

  it('Half-open: the data turns stale, the dead link is noticed untold, and both come back by themselves', async () => {
    await isLive()
    // Pages that other tests have closed take a moment to be gone.
    await expect.poll(() => demo.path.connections()).toBe(1)
    const { opened } = sockets
    await press(page, /^Half-open/)
    await expect.poll(() => page.getByTestId('as-of').textContent(), { timeout: 20_000 }).toMatch(/^Stale: data as of/)
    await expect.poll(() => sockets.opened, { timeout: 20_000 }).toBe(opened + 1)
    // The old connection still stands: nobody ended it, the page gave it up. The server cuts it off 5 s after the newer one has said who it is.
    expect(demo.path.connections()).toBe(2)
    await isLive()
  })

  it('shows the fault that is on to every page, and that there is none', async () => {
    const shown = (target: Page) => target.getByRole('region', { name: 'Break it' }).getByRole('status').textContent()
    expect(await shown(page)).toBe('Nothing is broken')
    await press(page, /^Slow link/)
    const other = await browser.newPage()
    await other.goto(demo.url)
    for (const target of [page, other]) {
      await expect.poll(() => shown(target)).toBe('Slow link')
      expect(await target.getByRole('button', { name: /^Slow link/, pressed: true }).count()).toBe(1)
    }
    await press(page, 'Heal everything')
    for (const target of [page, other]) await expect.poll(() => shown(target)).toBe('Nothing is broken')
    await other.close()
  })

  it('can be shown in the other theme, popovers included', async () => {
    const schemes = () => page.locator('.page, [data-slot="details"], [role="dialog"]').evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).colorScheme))])
    await page.getByRole('button', { name: 'Dark' }).click()
    await page.locator('[data-slot="connection-indicator"]').click()
    await expect.poll(() => page.getByRole('dialog').count()).toBe(1)
    expect(await schemes()).toEqual(['dark'])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Light' }).click()
    await expect.poll(schemes).toEqual(['light'])
  })

  it('Block this client: fails for good, says so, and the reconnect button of the card brings it back once healed', async () => {
    await press(page, /^Block this client/)
    await reaches(page, 'error')
    await expect.poll(() => page.locator('[data-slot="connection-status"]').textContent()).toContain('Sign in again.')
    await press(page, 'Heal everything')
    await page.getByRole('region', { name: 'Market feed' }).getByRole('button', { name: 'Reconnect' }).click()
    await reaches(page, 'connected')
  })

  it('Slow link: latency turns poor, and nothing is lost', async () => {
    await press(page, /^Slow link/)
    await expect.poll(() => page.locator('[data-slot="connection-status"] [data-slot="latency"]').getAttribute('data-quality'), { timeout: 60_000 }).toMatch(/fair|poor/)
    expect(await stateOf(page)).toBe('connected')
    await press(page, 'Disconnect gracefully')
    await reaches(page, 'disconnecting', 5_000)
    await reaches(page, 'disconnected')
    await press(page, 'Heal everything')
    await press(page, 'Connect')
    await reaches(page, 'connected')
  })

  it('offline: waits for the network, and resumes with it', async () => {
    await page.context().setOffline(true)
    await press(page, 'Disconnect').catch(() => undefined)
    await press(page, 'Connect')
    await reaches(page, 'offline')
    await page.context().setOffline(false)
    await reaches(page, 'connected')
  })

  it('the monitor: shows the market as it comes, breaks this client alone, and mends it', async () => {
    const fresh = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
    fresh.on('pageerror', (error) => problems.push(error.message))
    await fresh.goto(demo.url)
    await isLive(fresh)
    await fresh.getByRole('button', { name: 'Open the connection monitor of Market feed' }).click()
    const monitor = fresh.getByRole('region', { name: 'Connection monitor' })
    await monitor.getByRole('tab', { name: 'Messages' }).click()
    await expect.poll(() => monitor.getByRole('option').last().textContent()).toContain('market')
    await monitor.getByRole('tab', { name: 'Faults' }).click()
    await monitor.getByRole('switch', { name: 'Offline' }).click()
    await reaches(fresh, 'offline')
    await expect.poll(() => fresh.getByTestId('as-of').textContent(), { timeout: 10_000 }).toMatch(/^Stale: data as of/)
    await isLive()
    await monitor.getByRole('button', { name: 'Heal everything' }).click()
    await expect.poll(() => fresh.getByTestId('as-of').textContent(), { timeout: 20_000 }).toBe('240 symbols, live')
    await fresh.keyboard.press('Escape')
    expect(await fresh.getByRole('button', { name: 'Open the connection monitor of Market feed' }).count()).toBe(1)
    await fresh.close()
  })

  it('had no error in the page', () => expect(problems).toEqual([]))
})

/** What the first `share` of the tape's frames say, computed from the raw file with nothing of the demo's. */
function truth(share: number): Record<string, { last: number; bid: number; ask: number; volume: number }> {
  const rows: ReturnType<typeof truth> = {}
  const frames = readFileSync(tape, 'utf8').split('\n').slice(1).filter((line) => line.includes('{'))
  for (const line of frames.slice(0, Math.round(share * frames.length))) {
    const { data } = JSON.parse(line.slice(line.indexOf('{'))) as { data: Record<string, string> & { k: { c: string } } }
    if (data['e'] === 'depthUpdate') continue
    const row = (rows[data['s'] as string] ??= { last: 0, bid: 0, ask: 0, volume: 0 })
    if (data['e'] === 'bookTicker') Object.assign(row, { bid: Number(data['b']), ask: Number(data['a']) })
    if (data['e'] === 'aggTrade') Object.assign(row, { last: Number(data['p']), volume: row.volume + Number(data['q']) })
    if (data['e'] === 'kline') row.last = Number(data.k.c)
  }
  return rows
}

describe.skipIf(!existsSync(tape))('the recorded futures stream (skipped without ../shared/data/binance)', () => {
  it('replayed through two forced drops ends on the page as it ends on the tape', async () => {
    const demo = await startDemo({ tape, speed: 20, holdAt: 0.4, seed: 1, port: 0 }, folder)
    const { feed } = demo
    if (!('holdAt' in feed)) throw new Error('a tape makes a feed that can be held')
    const page = await browser.newPage()
    await page.goto(demo.url)
    const shown = async () => Object.fromEntries(await page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => {
      const { symbol, last, bid, ask, volume } = (row as HTMLElement).dataset
      return [symbol, { last: Number(last), bid: Number(bid), ask: Number(ask), volume: Number(volume) }]
    })))
    // To the frame: the share right before it would be another truth. 1,535 frames have whole fifths.
    const plays = (share: number) => expect.poll(() => feed.progress(), { timeout: 60_000 }).toBe(share)
    await reaches(page, 'connected')
    await plays(0.4)
    await expect.poll(shown, { timeout: 20_000 }).toEqual(truth(0.4))
    // The first drop falls into the flow: how much is lost is up to chance.
    const again = page.waitForEvent('websocket', { timeout: 30_000 })
    feed.holdAt(0.8)
    await press(page, /^Drop everyone/)
    await again
    await plays(0.8)
    await expect.poll(shown, { timeout: 20_000 }).toEqual(truth(0.8))
    // The second lasts until the tape is over: all the rest is lost, and only the last values can tell of it.
    await press(page, /^Refuse/)
    await reaches(page, 'reconnecting')
    const before = await shown()
    feed.holdAt(1)
    await expect.poll(() => feed.ended(), { timeout: 60_000 }).toBe(true)
    expect(await shown()).toEqual(before)
    expect(before).not.toEqual(truth(1))
    await press(page, 'Heal everything')
    await reaches(page, 'connected')
    await expect.poll(shown, { timeout: 20_000 }).toEqual(truth(1))
    expect(await page.getByTestId('source').textContent()).toBe('Tape BINANCE_FUTURES.ws.1.0')
    await page.close()
    await demo.stop()
  })
})
