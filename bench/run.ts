/** `npm run bench [-- NAMES]`: measures, prints ratios, writes bench/RESULTS.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { bundle } from './bundle.ts'
import { card } from './card.ts'
import { fanout } from './fanout.ts'
import { monitor } from './monitor.ts'
import { nodes } from './nodes.ts'
import { orderBook } from './order-book.ts'
import { type Row, tableOf } from './report.ts'
import { reactStream } from './react-stream.ts'
import { storms } from './storm.ts'
import { tickers } from './tickers.ts'
import { wire } from './wire.ts'

const BENCHES: Readonly<Record<string, { readonly title: string; readonly run: () => Promise<Row[]> }>> = {
  inbound: { title: 'Inbound: decode and route to a listener, 115 byte messages, all features on (budget: 1.10x, read beside the second baseline)', run: () => wire('inbound') },
  outbound: { title: 'Outbound: encode and send (budget: 1.10x)', run: () => wire('outbound') },
  'inbound-reliable': { title: 'Inbound with `uplink.v1`: positions checked (budget: 1.10x of the same by hand)', run: () => wire('inbound', 'reliable') },
  'outbound-reliable': { title: 'Outbound with `uplink.v1`: every message answered (budget: 1.10x of the same by hand)', run: () => wire('outbound', 'reliable') },
  'react-stream': { title: 'React: 200 components in Chromium, production build (budget: 1.10x main-thread time, 0 lost; with batches at 20,000/s 0.5x, under 5 % of frames late)', run: reactStream },
  monitor: { title: 'Monitor: 200 components at 5,000 messages/s in Chromium, production build, its log open with 10,000 rows (budget: 1.5x main-thread time of the same page without it)', run: monitor },
  card: { title: 'ConnectionStatusCard under 20,000 messages/s: React time by its Profiler, in Chromium (budget: 2 % of a frame)', run: card },
  'fanout-1000': { title: 'Fan-out to 1,000 clients, one process (budget: CPU 1.05x of pre-framed by hand, 0.3x with ten a turn; memory 1.2x; Socket.IO door 1.1x of bare)', run: () => fanout(1_000) },
  'fanout-5000': { title: 'Fan-out to 5,000 clients, one process', run: () => fanout(5_000) },
  nodes: { title: 'Nodes: one, two and three over one Redis on the same two cores, with every client in a process beside them', run: nodes },
  'order-book': { title: 'Order book: updates of one book, their text included (budget: 50,000 updates/s on one core)', run: orderBook },
  tickers: { title: 'Tickers: 1,000 symbols at 20 updates/s each as array streams, in Chromium, production build (budget: within the frame, 0 rows wrong)', run: tickers },
  storm: { title: 'Storm: 2,000 clients dropped at once, defaults (0 lost; busiest 100 ms at most 15 %)', run: storms },
  bundle: { title: 'Bundle: minified and gzipped, bytes', run: bundle },
}

const file = new URL('RESULTS.md', import.meta.url)
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => BENCHES[name] === undefined)
if (unknown.length > 0) {
  console.error(`no bench named ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}

function readSections(): Map<string, string> {
  try {
    return new Map([...readFileSync(file, 'utf8').matchAll(/<!-- (\S+) -->\n([\s\S]*?)(?=\n<!-- |$)/g)].map((match) => [match[1] ?? '', (match[2] ?? '').trim()]))
  } catch {
    return new Map()
  }
}

for (const name of wanted.length > 0 ? wanted : Object.keys(BENCHES)) {
  const bench = BENCHES[name]
  if (bench === undefined) continue
  console.log(`\n${bench.title}`)
  const table = tableOf(await bench.run())
  console.log(table)
  // Read anew, and written at once: another run may have ended meanwhile, or this one may not get to its end.
  write(readSections().set(name, `## ${bench.title}\n\n${table}`))
}

function write(sections: ReadonlyMap<string, string>): void {
  const intro = `# Bench results

Ratios within one run, against a baseline written by hand, which runs a second time under another name: the
difference between the two is the noise. Absolute figures are of a shared machine with two cores and mean little.
Written by \`npm run bench\` (Node ${process.versions.node}).`
  writeFileSync(file, `${[intro, ...Object.keys(BENCHES).flatMap((name) => (sections.has(name) ? [`<!-- ${name} -->\n${sections.get(name)}`] : []))].join('\n\n')}\n`)
}
