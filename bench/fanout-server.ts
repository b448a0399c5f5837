/** One server of the fan-out bench in a process of its own. The parent says when to publish; the answer is the CPU it took. */
import type { AddressInfo } from 'node:net'
import { KINDS } from './fanout-kinds.ts'

const kind = KINDS[process.argv[2] ?? '']
if (kind === undefined) throw new Error('no such server')
const server = kind.start()
const data = { symbol: 'BTCUSDT', price: 64_123.45, volume: 12.5, change: -0.42 }
const collect = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().rss
}

/** Publishes `count` messages, `of` a turn, a turn every 20 ms, and answers with the CPU used until everything is written. */
async function round(count: number, of: number): Promise<number> {
  const before = process.cpuUsage()
  for (let sent = 0; sent < count; sent += of) {
    for (let one = 0; one < of; one++) server.publish(data)
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
  await new Promise((resolve) => { setTimeout(resolve, 50) })
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

process.once('SIGINT', () => process.exit())
process.on('message', ({ ask, count = 0, of = 1 }: { ask: string; count?: number; of?: number }) => {
  if (ask === 'memory') process.send?.({ rss: collect(), heap: process.memoryUsage().heapUsed, clients: server.clients() })
  else if (ask === 'clients') process.send?.({ clients: server.clients() })
  else void round(count, of).then((cpuMs) => process.send?.({ cpuMs }))
})
server.http.listen(0, '127.0.0.1', () => process.send?.({ port: (server.http.address() as AddressInfo).port }))
