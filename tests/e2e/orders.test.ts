/** The demo's orders, in real Chromium: sent through an outbox, answered by the server, handled once whatever is broken meanwhile. */
import { type Browser, type Page, chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Demo, buildPage, startDemo } from '../../examples/dashboard/demo.ts'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../setup/chromium.ts'

/** As many as the panel shows. */
const SHOWN = 3

describe('the orders of the dashboard', () => {
  let browser: Browser
  let demo: Demo
  let page: Page
  /** Orders in what the page has sent, socket by socket. */
  const sent: number[] = []
  const problems: string[] = []
  /** What the server must have handled so far, in all. */
  let handled = 0
  /** What the page has numbered so far. */
  let numbered = 0

  beforeAll(async () => {
    const folder = await buildPage()
    browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
    demo = await startDemo({ speed: 1, seed: 7, port: 0 }, folder)
    page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('websocket', (socket) => {
      const index = sent.push(0) - 1
      socket.on('framesent', ({ payload }) => { sent[index] = (sent[index] ?? 0) + String(payload).split('"type":"order"').length - 1 })
    })
    await page.goto(demo.url)
  })
  afterAll(async () => {
    await browser?.close()
    await demo?.stop()
  })

  const panel = () => page.getByRole('region', { name: 'Orders' })
  const shown = () => panel().getByRole('listitem').allTextContents()
  const outbox = () => page.getByTestId('outbox').textContent()
  const press = (name: RegExp | string) => page.getByRole('region', { name: 'Break it' }).getByRole('button', { name, exact: true }).click()
  /** The server's word that it is done: an order right after the click alone could still arrive before it. */
  const control = (name: RegExp | string) => Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), press(name)])
  const reaches = (state: string) =>
    expect.poll(() => page.locator('[data-slot="connection-indicator"]').getAttribute('data-state'), { timeout: 30_000 }).toBe(state)
  /** Orders that the page has sent, those sent again included. */
  const total = () => sent.reduce((sum, count) => sum + count, 0)

  async function place(count: number): Promise<void> {
    for (let one = 0; one < count; one++) await panel().getByRole('button', { name: 'Send an order' }).click()
    numbered += count
  }

  /** The newest orders as the panel lists them, the newest first. */
  const newest = (fate: (age: number) => string): string[] => Array.from({ length: SHOWN }, (_, age) => `Order ${numbered - age}: ${fate(age)}`)

  /** Each has the next number of the server's: one that had been handled twice would have taken two. */
  async function areAcknowledged(count: number): Promise<void> {
    handled += count
    const last = handled
    await expect.poll(shown, { timeout: 30_000 }).toEqual(newest((age) => `delivered, number ${last - age} of the server`))
  }

  it('are acknowledged, each by one number of the server, and sent once', async () => {
    await reaches('connected')
    await place(SHOWN)
    await areAcknowledged(SHOWN)
    await expect.poll(outbox).toBe(`${SHOWN} delivered, 0 waiting`)
    await expect.poll(total).toBe(SHOWN)
  })

  it.each([
    ['that cannot be sent', 'Refuse', 0, 'until it is healed'],
    ['that are lost on the way', 'Half-open', SHOWN, 'until the link is given up'],
    ['whose answers are lost', 'Stop answering', SHOWN, 'until it is healed'],
  ])('%s (%s) are shown as waiting, and are acknowledged once when the connection is back', async (_, fault, during, lasts) => {
    await reaches('connected')
    const [delivered, before, sockets] = [numbered, total(), sent.length]
    await control(new RegExp(`^${fault}`))
    if (during === 0) await reaches('reconnecting')
    await place(SHOWN)
    await expect.poll(shown).toEqual(newest(() => 'waiting'))
    await expect.poll(outbox).toBe(`${delivered} delivered, ${SHOWN} waiting`)
    await expect.poll(() => total() - before).toBe(during)
    // Nobody has said a word of them by the time the link is given up.
    await expect.poll(() => sent.length, { timeout: 30_000 }).toBeGreaterThan(sockets)
    if (lasts === 'until it is healed') {
      expect(await shown()).toEqual(newest(() => 'waiting'))
      await control('Heal everything')
      await press('Reconnect now')
    }
    await areAcknowledged(SHOWN)
    await expect.poll(outbox).toBe(`${numbered} delivered, 0 waiting`)
    await expect.poll(() => total() - before).toBe(during + SHOWN)
    // One more tells whether an order before it was handled again after its answer.
    await place(1)
    await areAcknowledged(1)
  })

  it('are not kept beyond their page: one that is loaded anew sends nothing again', async () => {
    await page.reload()
    await reaches('connected')
    numbered = 0
    await place(SHOWN)
    await areAcknowledged(SHOWN)
    await expect.poll(outbox).toBe(`${SHOWN} delivered, 0 waiting`)
  })

  it('caused no error in the page', () => expect(problems).toEqual([]))
})
