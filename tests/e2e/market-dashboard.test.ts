/** The market dashboard in real Chromium, over the stand-in, with the socket and REST taken away and given back. */
import { type Browser, type Page, chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MarketDemo, buildMarketPage, startMarketDemo } from '../../examples/market-dashboard/demo.ts'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../setup/chromium.ts'

const PANELS = ['ticker', 'candles', 'book', 'trades'] as const

let browser: Browser
let demo: MarketDemo
let page: Page
const problems: string[] = []

beforeAll(async () => {
  const folder = await buildMarketPage()
  browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
  demo = await startMarketDemo({ port: 0, symbols: 500, seed: 7, blocked: { socket: true, rest: false } }, folder)
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' })
  page.on('pageerror', (error) => problems.push(error.message))
})
afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

/** The source of every panel, and of every row that can be seen. */
const sources = () => page.evaluate((panels) => [
  ...panels.map((name) => document.querySelector(`[data-testid="${name}"]`)?.getAttribute('data-source')),
  ...[...document.querySelectorAll('button.row')].map((row) => row.getAttribute('data-source')),
], PANELS)

/** Waits until everything on the page comes from one source, at most so many ms; returns how long it took. */
async function allFrom(source: 'live' | 'fallback' | 'cache', timeout: number): Promise<number> {
  const begun = performance.now()
  await expect.poll(async () => [...new Set(await sources())].join(), { timeout, interval: 50 }).toBe(source)
  return performance.now() - begun
}

const badges = () => page.locator('section [data-slot="source-badge"], .ticker [data-slot="source-badge"]').evaluateAll((all) =>
  all.filter((badge) => badge.closest('button') === null).map((badge) => badge.textContent ?? ''))

/** Ids of the trades on the page, newest first. */
const tradesShown = () => page.locator('[data-testid="trades"] tr[data-id]').evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-id'))))

const press = (name: string) => page.getByRole('switch', { name }).click()

describe('the market dashboard', () => {
  it('shows everything by REST within 3 s where the socket is blocked from the start, and says so', async () => {
    // The venue has traded for a while when somebody looks.
    await expect.poll(() => demo.standIn.market.of('BTCUSDT').trades.length, { timeout: 30_000 }).toBeGreaterThan(3)
    await page.goto(demo.url)
    await page.locator('button.row').first().waitFor()
    expect(await allFrom('fallback', 3_000)).toBeLessThan(3_000)
    expect(await badges()).toEqual(PANELS.map(() => expect.stringMatching(/^Delayed \d+ sec ago$/)))
    expect(await page.locator('button.row').first().textContent()).toMatch(/BTC\/USDT\d/)
    expect(Number(await page.getByTestId('candles').getAttribute('data-count'))).toBeGreaterThan(100)
    expect(await page.getByTestId('bids').locator('tr').count()).toBe(14)
    await expect.poll(() => page.locator('[data-slot="connection-indicator"]').getAttribute('data-state')).toBe('delayed')
    // A poll goes on: what is shown is never older than a few seconds.
    const update = () => page.getByTestId('book').getAttribute('data-update')
    const before = await update()
    await expect.poll(update).not.toBe(before)
  })

  it('is live within 5 s once the socket is let through, and neither repeats nor leaves out a trade', async () => {
    await press('Block socket')
    expect(await allFrom('live', 5_000)).toBeLessThan(5_000)
    const [first = 0] = await tradesShown()
    await expect.poll(async () => (await tradesShown())[0], { timeout: 20_000 }).toBeGreaterThan(first + 3)
    const shown = await tradesShown()
    expect(shown).toEqual(shown.map((_, index) => (shown[0] ?? 0) - index))
    expect(await page.getByRole('status').filter({ hasText: 'missing' }).count()).toBe(0)
    expect(await badges()).toEqual(PANELS.map(() => 'Live'))
  })

  it('shows exactly the book of the venue', async () => {
    const { book } = demo.standIn.market.of('BTCUSDT')
    const side = (name: string) => page.evaluate((testid) => [...document.querySelectorAll(`[data-testid="${testid}"] tr`)].map((row) => [...row.querySelectorAll('td')].slice(0, 2).map((cell) => cell.textContent)), name)
    await expect.poll(async () => {
      const { lastUpdateId } = book
      const [update, asks, bids] = [await page.getByTestId('book').getAttribute('data-update'), await side('asks'), await side('bids')]
      // Page and venue are compared at one moment: neither has moved on while the page was read.
      if (book.lastUpdateId !== lastUpdateId || update !== String(lastUpdateId) || await page.getByTestId('book').getAttribute('data-update') !== update) return 'another moment'
      const depth = book.depth(14)
      return JSON.stringify([asks.toReversed(), bids]) === JSON.stringify([depth.asks, depth.bids]) ? 'equal' : JSON.stringify([asks, bids, depth])
    }, { timeout: 30_000, interval: 20 }).toBe('equal')
  })

  it('shows another pair under its own name, and nothing of the one before', async () => {
    await page.getByRole('searchbox').fill('eth')
    await page.locator('button.row[data-symbol="ETHUSDT"]').click()
    await expect.poll(() => page.locator('h1').textContent()).toBe('ETH/USDT')
    await expect.poll(() => page.getByTestId('candles').getAttribute('data-last')).toMatch(/^3[34]\d\d\./)
    await page.getByRole('searchbox').fill('')
    await allFrom('live', 20_000)
  })

  it('keeps the last values, dimmed and with their age, when socket and REST are gone', async () => {
    const price = await page.getByTestId('price').textContent()
    await press('Block REST')
    await press('Block socket')
    await allFrom('cache', 20_000)
    await expect.poll(badges, { timeout: 20_000 }).toEqual(PANELS.map(() => expect.stringMatching(/^Last known ([2-9]|\d\d) sec ago$/)))
    expect(await page.locator('[data-slot="freshness"]').evaluateAll((all) => all.map((one) => one.getAttribute('data-state')))).toEqual(['stale', 'stale', 'stale'])
    expect(await page.locator('[data-slot="stamp"]').count()).toBe(3)
    expect(Number(await page.getByTestId('price').textContent()) / Number(price)).toBeCloseTo(1, 1)
    const [live, dim] = await page.evaluate(() => ['h1', '[data-testid="price"]'].map((selector) => getComputedStyle(document.querySelector(selector) ?? document.body).color))
    expect(dim).not.toBe(live)
    await expect.poll(() => page.getByTestId('source').textContent()).toBe('No data comes in')
  })

  it('comes back from that to live, with what was traded meanwhile', async () => {
    await press('Block REST')
    await press('Block socket')
    await allFrom('live', 15_000)
    const shown = await tradesShown()
    expect(shown).toEqual(shown.map((_, index) => (shown[0] ?? 0) - index))
    expect(problems).toEqual([])
  })

  it('fits a phone: nothing is wider than it', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })
})
