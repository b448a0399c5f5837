/** `npm run feed`: prices that wander, on port 4001. */
import { startFeed } from './feed.ts'

const feed = await startFeed(Number(process.env['FEED_PORT'] ?? 4_001), [process.env['PAGE_ORIGIN'] ?? 'http://localhost:3000'])
const bids = new Map([['AAPL', 231], ['BTC-USD', 64_210], ['EUR-USD', 1.09]])

async function tick(): Promise<void> {
  for (const [symbol, bid] of bids) {
    const next = bid * (1 + (Math.random() - 0.5) / 500)
    bids.set(symbol, next)
    await feed.publish({ symbol, bid: next })
  }
}

await tick()
const timer = setInterval(() => void tick().catch(console.error), 400)
console.log(`the feed is at ${feed.url}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer)
    void feed.stop()
  })
}
