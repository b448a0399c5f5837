/** `order-book`: updates of one book on one core, texts included, beside a book written the simplest way. */
import { seededRandom } from 'uplink/testing'
import { type Row, median } from './report.ts'

// What is published, not the sources: a loader costs what it adds.
const { createOrderBook } = (await import(new URL('../dist/market/index.js', import.meta.url).href)) as typeof import('../src/market/index.ts')

type Level = readonly [price: string, quantity: string]
interface Update { readonly U: number; readonly u: number; readonly b: Level[]; readonly a: Level[] }

const LEVELS = 1_000
const UPDATES = 60_000
/** What a page reads: twenty levels a side, once a frame, at 50,000 updates a second. */
const SHOWN = 20
const FRAME = Math.round(50_000 / 60)
const ROUNDS = 7
const TARGET = 50_000

/** Updates as a busy symbol has them: most near the best price, a third of them removals; never crossed. */
function makeFlow(): { readonly snapshot: { lastUpdateId: number; bids: Level[]; asks: Level[] }; readonly texts: readonly string[] } {
  const random = seededRandom(5)
  const price = (cents: number): string => (cents / 100).toFixed(8)
  const quantity = (): string => (random() * 10 + 0.001).toFixed(8)
  const side = (sign: 1 | -1): Level[] => Array.from({ length: LEVELS }, (_, index) => [price(6_000_000 + sign * (index + 1)), quantity()] as const)
  const change = (sign: 1 | -1): Level => [price(6_000_000 + sign * (1 + Math.floor(random() ** 4 * LEVELS))), random() < 0.33 ? '0.00000000' : quantity()]
  let u = 1_000
  const texts = Array.from({ length: UPDATES }, () => {
    const count = 1 + Math.floor(random() * 4)
    const [U, changes] = [u + 1, Array.from({ length: count }, () => random() < 0.5)]
    u += count
    return JSON.stringify({ e: 'depthUpdate', E: 1_790_000_000_000, s: 'BTCUSDT', U, u, b: changes.filter(Boolean).map(() => change(-1)), a: changes.filter((isBid) => !isBid).map(() => change(1)) })
  })
  return { snapshot: { lastUpdateId: 1_000, bids: side(-1), asks: side(1) }, texts }
}

const { snapshot, texts } = makeFlow()

/** The simplest book: a map a side, no check, sorted when it is read. */
function byHand(): (text: string, isRead: boolean) => void {
  const [bids, asks] = [snapshot.bids, snapshot.asks].map((levels) => new Map(levels)) as [Map<string, string>, Map<string, string>]
  const apply = (side: Map<string, string>, levels: readonly Level[]): void => {
    for (const [price, quantity] of levels) {
      if (Number(quantity) === 0) side.delete(price)
      else side.set(price, quantity)
    }
  }
  const top = (side: Map<string, string>, sign: number): Level[] => [...side].sort(([a], [b]) => sign * (Number(a) - Number(b))).slice(0, SHOWN)
  return (text, isRead) => {
    const { b, a } = JSON.parse(text) as Update
    apply(bids, b)
    apply(asks, a)
    if (isRead) sink = top(bids, -1).length + top(asks, 1).length
  }
}

function ours(): (text: string, isRead: boolean) => void {
  const book = createOrderBook({ symbol: 'BTCUSDT' })
  book.load(snapshot)
  return (text, isRead) => {
    if (book.update(JSON.parse(text) as Update) !== 'applied') throw new Error(book.reason())
    if (isRead) sink = book.view(SHOWN)?.bids.length ?? 0
  }
}

let sink = 0

/** CPU time of an update, in µs. */
function measure(make: () => (text: string, isRead: boolean) => void, readEvery: number, count: number): number {
  const take = make()
  const before = process.cpuUsage()
  for (let index = 0; index < count; index++) take(texts[index] as string, index % readEvery === 0)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

const VARIANTS = [['by hand', byHand], ['by hand again', byHand], ['createOrderBook', ours]] as const

export async function orderBook(): Promise<Row[]> {
  const rows: Row[] = []
  for (const [reads, readEvery, count] of [['once a frame', FRAME, UPDATES], ['after every update', 1, 3_000]] as const) {
    const samples = new Map<string, number[]>(VARIANTS.map(([name]) => [name, []]))
    for (let round = 0; round < ROUNDS; round++) for (const [name, make] of VARIANTS) samples.get(name)?.push(measure(make, readEvery, count))
    const base = median(samples.get('by hand') ?? [])
    for (const [name, list] of samples) {
      const each = median(list)
      rows.push({
        'read (20 levels a side)': reads, name, 'CPU vs by hand': `${(each / base).toFixed(2)}x`, 'CPU per update': `${each.toFixed(2)} us`,
        'of one core at 50,000/s': `${Math.round((each * TARGET) / 10_000)} %`,
      })
    }
  }
  if (sink === 0) throw new Error('nothing was read')
  return rows
}
