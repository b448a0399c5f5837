/** `monitor`: what the monitor costs the main thread of a page at 5,000 messages a second, its log full of 10,000 rows. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright'
import { build } from 'vite'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../tests/setup/chromium.ts'
import { type Row, median } from './report.ts'
import { singleFrames } from './stream/servers.ts'

const VARIANTS = ['without', 'without again', 'closed', 'open', 'open, every message kept']
const RATE = 5_000
/** Until the log is full: of 5,000 a second 1,000 are kept. */
const FILL_MS = 11_000
const MEASURE_MS = 5_000
const ROUNDS = 3

interface Sample { readonly mainMs: number; readonly late: number; readonly frames: number; readonly seen: number; readonly rows: string }

async function measure(browser: Browser, page: string, variant: string): Promise<Sample> {
  const server = await singleFrames({ rate: RATE, seconds: (FILL_MS + MEASURE_MS) / 1_000 + 5, channels: 200 })
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 } })
  const tab = await context.newPage()
  const session = await context.newCDPSession(tab)
  // Time on the processor: on a busy machine a task takes longer by the clock, whatever it costs.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const taskMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000
  }
  const counts = () => tab.evaluate(() => ({ ...(window as unknown as { counts: Record<'seen' | 'frames' | 'late', number> }).counts }))
  await tab.goto(`${page}?variant=${encodeURIComponent(variant)}&server=127.0.0.1:${server.port}`)
  await tab.waitForTimeout(FILL_MS)
  const [before, mainBefore] = [await counts(), await taskMs()]
  await tab.waitForTimeout(MEASURE_MS)
  const [after, mainAfter] = [await counts(), await taskMs()]
  const rows = await tab.evaluate(() => document.querySelector('[data-uplink-monitor]')?.shadowRoot?.querySelector('.status span')?.textContent ?? '')
  await context.close()
  await server.close()
  return { mainMs: mainAfter - mainBefore, late: after.late - before.late, frames: after.frames - before.frames, seen: after.seen - before.seen, rows }
}

const NOTHING: Sample = { mainMs: Number.NaN, late: 0, frames: 0, seen: 0, rows: '' }

/** A busy machine gives one page more messages in its five seconds than the next: what counts is what each costs. In ms. */
const perMessage = ({ mainMs, seen }: Sample): number => mainMs / seen

async function buildPage(): Promise<{ url: string; close: () => void }> {
  const folder = fileURLToPath(new URL('../node_modules/.cache/bench-monitor', import.meta.url))
  await build({
    configFile: false, root: fileURLToPath(new URL('monitor', import.meta.url)), logLevel: 'error', base: './',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { outDir: folder, emptyOutDir: true, rolldownOptions: { input: fileURLToPath(new URL('monitor/page.html', import.meta.url)) } },
  })
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    readFile(join(folder, path)).then(
      (body) => response.writeHead(200, { 'content-type': extname(path) === '.js' ? 'text/javascript' : 'text/html' }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/page.html`, close: () => server.close() }
}

export async function monitor(): Promise<Row[]> {
  const page = await buildPage()
  const browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
  const samples = new Map<string, Sample[]>(VARIANTS.map((variant) => [variant, []]))
  for (let round = 0; round < ROUNDS; round++) for (const variant of VARIANTS) samples.get(variant)?.push(await measure(browser, page.url, variant))
  await browser.close()
  page.close()
  const base = samples.get('without') ?? []
  return [...samples].map(([variant, list]) => {
    const middle = (pick: (sample: Sample) => number): number => median(list.map(pick))
    return {
      monitor: variant,
      'main thread vs without': `${median(list.map((sample, round) => perMessage(sample) / perMessage(base[round] ?? NOTHING))).toFixed(2)}x`,
      'main thread': `${(1_000 * middle(perMessage)).toFixed(0)} us a message`,
      'frames late': `${Math.round((100 * middle(({ late }) => late)) / Math.max(1, middle(({ frames, late }) => frames + late)))} %`,
      'messages a second': String(Math.round(middle(({ seen }) => seen) / (MEASURE_MS / 1_000))),
      log: list[0]?.rows ?? '',
    }
  })
}
