/** The other process of a soak: publishes at a rate, acknowledges, and breaks connections off at random. */
import { seededRandom } from 'uplink/testing'
import { createTestServer } from 'uplink/testing/server'

/** What the server tells the parent. */
export type ServerReport =
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'done'; readonly published: number; readonly handled: number; readonly swapped: number; readonly drops: number }

/** What the parent asks for. */
export type ServerOrder = { readonly type: 'start'; readonly perSecond: number; readonly dropEveryMs: number; readonly seed: number } | { readonly type: 'stop' }

const tell = (report: ServerReport): void => void process.send?.(report)

const server = await createTestServer({ history: { count: 50_000 }, limits: { resultsTtl: 30_000 }, receivedMost: 10 })
const text = 'x'.repeat(100)
let published = 0
let handled = 0
let swapped = 0
let drops = 0
let timers: NodeJS.Timeout[] = []
server.handle('out', ({ data }) => {
  if (data !== handled) swapped++
  handled++
})

function start({ perSecond, dropEveryMs, seed }: ServerOrder & { type: 'start' }): void {
  const random = seededRandom(seed)
  const started = performance.now()
  function publish(): void {
    const due = Math.floor(((performance.now() - started) / 1_000) * perSecond)
    // After a stall it does not make up for more than a tenth of a second at once.
    for (let times = Math.min(due - published, perSecond / 10); times > 0; times--) server.publish('in', { n: published++, text })
  }
  function drop(): void {
    drops++
    server.dropAll(random() < 0.5 ? undefined : 1012)
    timers[1] = setTimeout(drop, random() * 2 * dropEveryMs)
  }
  timers = [setInterval(publish, 10), setTimeout(drop, dropEveryMs)]
}

process.on('message', (order: ServerOrder) => {
  if (order.type === 'start') return start(order)
  for (const timer of timers) clearTimeout(timer)
  tell({ type: 'done', published, handled, swapped, drops })
})
process.on('disconnect', () => process.exit())
tell({ type: 'ready', url: server.url })
