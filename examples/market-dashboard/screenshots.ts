/** `npx tsx examples/market-dashboard/screenshots.ts`: makes the pictures of docs/market.md. Needs `npm run build`. */
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../../tests/setup/chromium.ts'
import { buildMarketPage, startMarketDemo } from './demo.ts'

/** Long enough for a list of trades. */
const TRADING_MS = 30_000
const OUTAGE_MS = 15_000

const image = (name: string): string => fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url))

const demo = await startMarketDemo({ port: 0, symbols: 500, seed: 7 }, await buildMarketPage())
const browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
const [dark, light] = await Promise.all((['dark', 'light'] as const).map(async (colorScheme) => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme })
  await page.goto(demo.url)
  return page
}))
await dark?.waitForTimeout(TRADING_MS)
await dark?.screenshot({ path: image('market-live') })
for (const name of ['Block REST', 'Block socket']) await light?.getByRole('switch', { name }).click()
await light?.waitForTimeout(OUTAGE_MS)
await light?.screenshot({ path: image('market-stale') })
await browser.close()
await demo.stop()
