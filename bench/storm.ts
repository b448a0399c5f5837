/** `storm`: many clients lose their connections at once; how long until all are current again, and how hard they knock. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createConnection } from '../src/engine/index.ts'
import { uplink } from '../src/protocols/uplink.ts'
import { startFaultProxy } from '../src/testing/node/fault-proxy.ts'
import { ws } from '../src/transports/ws.ts'
import type { Row } from './report.ts'

/** What a storm was like. Times are ms since all connections broke. */
export interface Storm {
  readonly clients: number
  readonly resumed: number
  /** Messages that a client did not hear, or heard twice or in another order. */
  readonly wrong: number
  readonly p50: number
  readonly p99: number
  /** Most connections in 100 ms that the clients began. */
  readonly peak: number
}

/** Messages that are published while nobody is there. */
const WHILE_AWAY = 20

const ask = (child: ChildProcess, what: object): Promise<{ clients?: number }> => new Promise((resolve) => {
  child.once('message', resolve)
  child.send(what)
})

/** Breaks the connections of `count` clients of one server in a process of its own, all with the defaults. */
export async function storm(count: number): Promise<Storm> {
  const server = fork(fileURLToPath(new URL('storm-server.ts', import.meta.url)), [], { execArgv: ['--import', 'tsx'] })
  const { port } = await new Promise<{ port: number }>((resolve) => { server.once('message', resolve) })
  const proxy = await startFaultProxy({ target: { port } })
  const heard = Array.from({ length: count }, (): number[] => [])
  const backAt = new Map<number, number>()
  const knocks = new Map<number, number>()
  let brokenAt = Infinity
  let total = 0
  const all = heard.map((mine, index) => {
    const connection = createConnection({ url: `ws://127.0.0.1:${proxy.port}/ws`, protocol: uplink(), transport: (request, events) => {
      const slot = Math.floor((performance.now() - brokenAt) / 100)
      if (slot >= 0) knocks.set(slot, (knocks.get(slot) ?? 0) + 1)
      return ws()(request, events)
    } })
    connection.channel('c').onMessage((number) => {
      mine.push(number as number)
      if (number === total && brokenAt !== Infinity) backAt.set(index, performance.now() - brokenAt)
    })
    void connection.connect()
    return connection
  })
  const until = async (isTrue: () => Promise<boolean> | boolean): Promise<void> => {
    while (!(await isTrue())) await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
  await until(async () => (await ask(server, { ask: 'followers' })).clients === count)
  await ask(server, { ask: 'publish', count: WHILE_AWAY })
  total = WHILE_AWAY
  await until(() => heard.every(({ length }) => length === total))
  total = 2 * WHILE_AWAY
  brokenAt = performance.now()
  proxy.reset()
  await ask(server, { ask: 'publish', count: WHILE_AWAY })
  await until(() => backAt.size === count || performance.now() - brokenAt > 60_000)
  for (const connection of all) connection.destroy()
  await proxy.close()
  server.kill()
  const times = [...backAt.values()].toSorted((a, b) => a - b)
  return {
    clients: count, resumed: times.length,
    wrong: heard.filter((mine) => mine.length !== total || mine.some((number, index) => number !== index + 1)).length,
    p50: times[Math.floor(times.length / 2)] ?? Number.NaN, p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
    peak: Math.max(...knocks.values()),
  }
}

/** The same as a table. */
export async function storms(): Promise<Row[]> {
  const { clients, resumed, wrong, p50, p99, peak } = await storm(2_000)
  return [{ clients: String(clients), resumed: String(resumed), 'with a hole or a repeat': String(wrong), 'p50 / p99 to current': `${Math.round(p50)} / ${Math.round(p99)} ms`, 'busiest 100 ms': `${peak} handshakes (${Math.round((peak / clients) * 100)} %)` }]
}
