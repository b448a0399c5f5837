/** `tickers`: 1,000 symbols at 20 updates a second each, sent as Binance's array streams do, in real Chromium. */
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright'
import { build } from 'vite'
import { WebSocketServer } from 'ws'
import { CHROMIUM_FLAGS, chromiumExecutable } from '../tests/setup/chromium.ts'
import { type Row, median } from './report.ts'

const SYMBOLS = 1_000
const ARRAYS_A_SECOND = 20
const SECONDS = 4
const ROUNDS = 3
const VARIANTS = ['by hand', 'by hand again', 'uplink/market']
/** Rows on the page: those of a virtualised list, and all of them. */
const ROWS = [40, SYMBOLS]

interface Sample { readonly mainMs: number; readonly late: number; readonly frames: number; readonly commits: number; readonly wrong: number }

const total = ARRAYS_A_SECOND * SECONDS
const priceOf = (serial: number, index: number): string => (100 + index + serial / 100).toFixed(8)

/** Arrays of all symbols, as text: making them is not what is measured. */
const FRAMES = Array.from({ length: total }, (_, serial) => JSON.stringify({
  stream: '!miniTicker@arr',
  data: Array.from({ length: SYMBOLS }, (_, index) => ({
    e: '24hrMiniTicker', E: 1_790_000_000_000 + serial * 50, s: `COIN${index}USDT`, c: priceOf(serial, index), o: '100.00000000', h: '2000.00000000', l: '90.00000000', v: '12345.00000000', q: '1234567.00000000',
  })),
}))

async function startVenue(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  server.on('connection', (socket) => {
    let timer: NodeJS.Timeout | undefined
    socket.on('message', (raw) => {
      const { id, method } = JSON.parse(String(raw)) as { readonly id: number; readonly method: string }
      socket.send(JSON.stringify({ result: null, id }))
      if (method !== 'SUBSCRIBE' || timer !== undefined) return
      let serial = 0
      timer = setInterval(() => {
        socket.send(FRAMES[serial++] as string)
        if (serial >= total) clearInterval(timer)
      }, 1_000 / ARRAYS_A_SECOND)
    })
    socket.on('close', () => clearInterval(timer))
  })
  await new Promise((resolve) => { server.once('listening', resolve) })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of server.clients) socket.terminate()
      await new Promise<void>((resolve) => { server.close(() => resolve()) })
    },
  }
}

async function measure(browser: Browser, page: string, variant: string, rows: number): Promise<Sample> {
  const venue = await startVenue()
  const context = await browser.newContext()
  const tab = await context.newPage()
  const session = await context.newCDPSession(tab)
  await session.send('Performance.enable')
  const taskMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000
  }
  await tab.goto(`${page}?variant=${encodeURIComponent(variant)}&server=127.0.0.1:${venue.port}&total=${total}&rows=${rows}`)
  const before = await taskMs()
  await Promise.race([tab.evaluate(() => (window as unknown as { whole: Promise<void> }).whole), tab.waitForTimeout(SECONDS * 5_000)])
  await tab.waitForTimeout(100)
  const mainMs = (await taskMs()) - before
  const { late, frames, commits } = await tab.evaluate(() => ({ ...(window as unknown as { counts: Record<'commits' | 'frames' | 'late', number> }).counts }))
  const shown = await tab.evaluate(() => [...document.querySelectorAll('[data-symbol]')].map((cell) => cell.textContent?.trim()))
  const wrong = rows - shown.filter((text, index) => text === priceOf(total - 1, index)).length
  await context.close()
  await venue.close()
  return { mainMs, late, frames, commits, wrong }
}

async function buildPage(): Promise<{ url: string; close: () => void }> {
  const folder = fileURLToPath(new URL('../node_modules/.cache/bench-tickers', import.meta.url))
  await build({
    configFile: false, root: fileURLToPath(new URL('tickers', import.meta.url)), logLevel: 'error', base: './',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 1_000, rolldownOptions: { input: fileURLToPath(new URL('tickers/page.html', import.meta.url)) } },
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

export async function tickers(): Promise<Row[]> {
  const page = await buildPage()
  const browser = await chromium.launch({ executablePath: await chromiumExecutable(), args: CHROMIUM_FLAGS })
  const result: Row[] = []
  for (const rows of ROWS) {
    const samples = new Map<string, Sample[]>(VARIANTS.map((variant) => [variant, []]))
    for (let round = 0; round < ROUNDS; round++) for (const variant of VARIANTS) samples.get(variant)?.push(await measure(browser, page.url, variant, rows))
    const base = samples.get('by hand') ?? []
    for (const [name, list] of samples) {
      const middle = (pick: (sample: Sample) => number): number => median(list.map(pick))
      const mainMs = middle((sample) => sample.mainMs)
      result.push({
        'rows on the page': String(rows),
        name,
        'main thread vs by hand': `${median(list.map((sample, round) => sample.mainMs / (base[round]?.mainMs ?? Number.NaN))).toFixed(2)}x`,
        'main thread a frame': `${(mainMs / (SECONDS * 60)).toFixed(1)} ms of 16.7`,
        'frames late': `${Math.round((100 * middle(({ late }) => late)) / Math.max(1, middle(({ frames, late }) => frames + late)))} %`,
        'rows wrong at the end': String(middle(({ wrong }) => wrong)),
        commits: String(middle(({ commits }) => commits)),
      })
    }
  }
  await browser.close()
  page.close()
  return result
}
