/** `react-stream`: 200 components at 2,000 and 20,000 messages a second, in real Chromium. */
import { type Browser, chromium } from 'playwright'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../tests/setup/chromium.ts'
import { servePage } from './page.ts'
import { type Row, median } from './report.ts'
import { batchFrames, singleFrames } from './stream/servers.ts'

/** Fed by the real server, over `uplink.v1`; by hand is what of it a client cannot do without. */
const BATCHED = ['by hand, batches', 'uplink, batches']
const OURS = ['baseline', 'baseline again', 'uplink', ...BATCHED]
const VARIANTS = [...OURS, 'partysocket', 'react-use-websocket']
const RATES = [2_000, 20_000]
const ROUNDS = 5
/** Peers are here to be placed, not to be told apart by percents. */
const PEER_ROUNDS = 2
const LONGEST_MS = 20_000
const SECONDS = 3
const CHANNELS = 200

interface Sample { readonly mainMs: number; readonly late: number; readonly frames: number; readonly lost: number; readonly commits: number }

async function measure(browser: Browser, page: string, variant: string, rate: number): Promise<Sample> {
  const server = await (BATCHED.includes(variant) ? batchFrames : singleFrames)({ rate, seconds: SECONDS, channels: CHANNELS })
  const context = await browser.newContext()
  const tab = await context.newPage()
  const session = await context.newCDPSession(tab)
  await session.send('Performance.enable')
  const taskMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000
  }
  const total = rate * SECONDS
  await tab.goto(`${page}?variant=${encodeURIComponent(variant)}&server=127.0.0.1:${server.port}&total=${total}`)
  const before = await taskMs()
  const counts = () => tab.evaluate(() => ({ ...(window as unknown as { counts: Record<'seen' | 'commits' | 'frames' | 'late', number> }).counts }))
  // Where something is lost, the page goes before it is there.
  const whole = tab.evaluate(() => (window as unknown as { whole: Promise<void> }).whole).catch(() => undefined)
  let seen = -1
  // Until everything was seen, or nothing more comes.
  const begun = performance.now()
  for (let idle = 0; idle < 4 && seen < total && performance.now() - begun < LONGEST_MS; ) {
    await Promise.race([whole, tab.waitForTimeout(500)])
    const now = (await counts()).seen
    idle = now === seen && now > 0 ? idle + 1 : 0
    seen = now
  }
  const { commits, frames, late } = await counts()
  const mainMs = (await taskMs()) - before
  await context.close()
  await server.close()
  return { mainMs, late, frames, lost: total - seen, commits }
}

export async function reactStream(): Promise<Row[]> {
  const page = await servePage('stream')
  const browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
  const rows: Row[] = []
  for (const rate of RATES) {
    const samples = new Map<string, Sample[]>(VARIANTS.map((variant) => [variant, []]))
    for (let round = 0; round < ROUNDS; round++) {
      for (const variant of round < PEER_ROUNDS ? VARIANTS : OURS) samples.get(variant)?.push(await measure(browser, page.url, variant, rate))
    }
    const base = samples.get('baseline') ?? []
    for (const [variant, list] of samples) {
      const middle = (pick: (sample: Sample) => number): number => median(list.map(pick))
      rows.push({
        'messages/s': String(rate),
        name: variant,
        'main thread vs baseline': `${median(list.map(({ mainMs }, round) => mainMs / (base[round]?.mainMs ?? Number.NaN))).toFixed(2)}x`,
        'main thread': `${Math.round(middle(({ mainMs }) => mainMs))} ms`,
        'frames late': `${Math.round((100 * middle(({ late }) => late)) / Math.max(1, middle(({ frames, late }) => frames + late)))} %`,
        'updates lost': String(middle(({ lost }) => lost)),
        commits: String(middle(({ commits }) => commits)),
      })
    }
  }
  await browser.close()
  page.close()
  return rows
}
