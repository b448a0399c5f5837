/** `card`: what a ConnectionStatusCard costs a page that takes 20,000 messages a second. */
import { type Browser, chromium } from 'playwright'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../tests/setup/chromium.ts'
import type { Costs } from './card/page.tsx'
import { servePage } from './page.ts'
import { type Row, median } from './report.ts'
import { singleFrames } from './stream/servers.ts'

const VARIANTS = ['nothing', 'nothing again', 'card'] as const
const RATE = 20_000
const SECONDS = 5
const CHANNELS = 200
const ROUNDS = 5
const FRAME_MS = 1_000 / 60
const LONGEST_MS = 40_000

interface Sample extends Costs { readonly mainMs: number }

async function measure(browser: Browser, page: string, variant: string): Promise<Sample> {
  const server = await singleFrames({ rate: RATE, seconds: SECONDS, channels: CHANNELS })
  const context = await browser.newContext()
  const tab = await context.newPage()
  const session = await context.newCDPSession(tab)
  await session.send('Performance.enable')
  await tab.goto(`${page}?variant=${encodeURIComponent(variant)}&server=127.0.0.1:${server.port}&total=${RATE * SECONDS}`)
  await tab.waitForFunction(() => (window as unknown as { whole: Promise<true> }).whole.then(() => true), undefined, { timeout: LONGEST_MS })
  const costs = await tab.evaluate(() => (window as unknown as { costs: Costs }).costs)
  const { metrics } = await session.send('Performance.getMetrics')
  const mainMs = (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000
  await context.close()
  await server.close()
  return { ...costs, mainMs }
}

export async function card(): Promise<Row[]> {
  // Only the profiling build of React measures in production.
  const page = await servePage('card', { 'react-dom/client': 'react-dom/profiling' })
  const browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
  const samples = new Map<string, Sample[]>(VARIANTS.map((variant) => [variant, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const variant of VARIANTS) samples.get(variant)?.push(await measure(browser, page.url, variant))
  }
  await browser.close()
  page.close()
  const base = samples.get('nothing') ?? []
  return [...samples].map(([name, list]) => {
    const middle = (pick: (sample: Sample) => number): number => median(list.map(pick))
    const perFrame = middle(({ renderMs, begunAt, endedAt }) => (renderMs / (endedAt - begunAt)) * FRAME_MS)
    return {
      name,
      'React, of a frame': `${((100 * perFrame) / FRAME_MS).toFixed(2)} %`,
      'React a frame': `${perFrame.toFixed(3)} ms`,
      'commits a second': middle(({ commits, begunAt, endedAt }) => (1_000 * commits) / (endedAt - begunAt)).toFixed(1),
      'longest render': `${middle(({ longestMs }) => longestMs).toFixed(2)} ms`,
      'main thread vs nothing': `${median(list.map(({ mainMs }, round) => mainMs / (base[round]?.mainMs ?? Number.NaN))).toFixed(2)}x`,
    }
  })
}
