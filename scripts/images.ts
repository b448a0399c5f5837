/**
 * `npm run images`: takes the pictures of the README in real Chromium, with a clock that is turned by hand: the desk in
 * light and in dark, and an outage from its first moment to its receipt, as an animated WebP.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { type Browser, type Page, chromium } from 'playwright'
import sharp from 'sharp'
import { createServer } from 'vite'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../tests/setup/chromium.ts'
import { ENTRIES } from '../vite.config.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'docs', 'images')
const SIZE = { width: 1000, height: 690 }
const FRAME_MS = 250

/** What happens in the animation: what is done, and how long is watched. Slow parts are shown every second frame. */
const STORY: ReadonlyArray<readonly [act: string, ms: number, stepMs: number]> = [
  ['', 2_000, FRAME_MS],
  ["hands.break('cut')", 5_500, FRAME_MS],
  ['hands.order()', 6_000, 2 * FRAME_MS],
  ['hands.heal()', 2_500, FRAME_MS],
  ['', 3_500, 2 * FRAME_MS],
]

const settle = (page: Page): Promise<unknown> => page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')

/** Lets time pass in steps that the eye would have seen, and waits until it is painted. */
async function pass(page: Page, ms: number): Promise<void> {
  for (let rest = ms; rest > 0; rest -= FRAME_MS) {
    await page.evaluate(`hands.pass(${Math.min(FRAME_MS, rest)})`)
    await settle(page)
  }
}

async function open(browser: Browser, url: string, theme: string, scale: number): Promise<Page> {
  const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: scale, locale: 'en-US', timezoneId: 'UTC' })
  page.on('pageerror', (error) => { throw error })
  await page.goto(`${url}?theme=${theme}`)
  await page.locator('[data-slot="connection-status-card"]').waitFor()
  await page.evaluate('document.fonts.ready')
  await pass(page, 3_000)
  return page
}

const write = (name: string, bytes: Buffer): void => {
  writeFileSync(join(folder, name), bytes)
  console.log(`docs/images/${name}: ${Math.round(bytes.length / 1_024)} kB`)
}

async function still(browser: Browser, url: string, theme: string): Promise<void> {
  const page = await open(browser, url, theme, 2)
  write(`desk-${theme}.webp`, await sharp(await page.screenshot()).webp({ quality: 88, effort: 6 }).toBuffer())
  await page.close()
}

async function outage(browser: Browser, url: string): Promise<void> {
  const page = await open(browser, url, 'light', 1)
  const frames: Buffer[] = []
  const delay: number[] = []
  for (const [act, ms, stepMs] of STORY) {
    if (act !== '') await page.evaluate(act)
    for (let elapsed = 0; elapsed < ms; elapsed += stepMs) {
      await pass(page, stepMs)
      frames.push(await page.screenshot())
      delay.push(stepMs)
    }
  }
  delay[delay.length - 1] = 2_500
  write('outage.webp', await sharp(frames, { join: { animated: true } }).webp({ quality: 62, effort: 6, minSize: true, loop: 0, delay }).toBuffer())
  await page.close()
}

mkdirSync(folder, { recursive: true })
const server = await createServer({
  root, configFile: false, logLevel: 'error', plugins: [react(), tailwindcss()], server: { port: 0, host: '127.0.0.1' }, appType: 'mpa',
  resolve: { alias: Object.entries(ENTRIES).map(([name, file]) => ({ find: new RegExp(`^${name}$`), replacement: join(root, 'src', file) })) },
})
await server.listen()
const browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
try {
  const url = `${server.resolvedUrls?.local[0] ?? ''}scripts/images/`
  for (const theme of ['light', 'dark']) await still(browser, url, theme)
  await outage(browser, url)
} finally {
  await browser.close()
  await server.close()
}
