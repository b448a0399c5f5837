/** `fanout`: one message to many clients; CPU and memory of the server, as ratios to what is written by hand. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { KINDS } from './fanout-kinds.ts'
import { type Row, median } from './report.ts'

const ROUNDS = 9
const WARMUPS = 2
const MESSAGES = 50
const FIRST = 1_000
const MORE = 4_000

const start = (file: string, args: readonly string[]): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: ['--import', 'tsx', '--expose-gc'] })

function answer<Answer>(child: ChildProcess, ask?: object): Promise<Answer> {
  const told = new Promise<Answer>((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a bench process ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message as Answer)
    })
  })
  if (ask !== undefined) child.send(ask)
  return told
}

interface Pair {
  readonly name: string
  readonly server: ChildProcess
  readonly clients: ChildProcess
}

/** Connects `count` clients to a server, and waits until it knows of `total`. */
async function crowd(name: string, server: ChildProcess, port: number, count: number, total: number): Promise<ChildProcess> {
  const door = KINDS[name]?.door ?? 'ws'
  const clients = start('fanout-clients.ts', [door === 'socket.io' ? `ws://127.0.0.1:${port}` : `ws://127.0.0.1:${port}/`, door, String(count)])
  await answer(clients)
  for (let connected = 0; connected < total;) connected = (await answer<{ clients: number }>(server, { ask: 'clients' })).clients
  return clients
}

async function connect(name: string, count: number): Promise<Pair> {
  const server = start('fanout-server.ts', [name])
  const { port } = await answer<{ port: number }>(server)
  return { name, server, clients: await crowd(name, server, port, count, count) }
}

/** What one more connection costs, once the code for connections is compiled and the first thousand is there. */
async function memoryOf(name: string): Promise<number> {
  const server = start('fanout-server.ts', [name])
  const { port } = await answer<{ port: number }>(server)
  const first = await crowd(name, server, port, FIRST, FIRST)
  const { rss: before } = await answer<{ rss: number }>(server, { ask: 'memory' })
  const more = await crowd(name, server, port, MORE, FIRST + MORE)
  const { rss } = await answer<{ rss: number }>(server, { ask: 'memory' })
  for (const child of [first, more, server]) child.kill()
  return (rss - before) / MORE
}

interface Measured {
  readonly cpuMs: number[]
  readonly heard: number[]
  readonly p50: number[]
  readonly p99: number[]
}

/** Fans out to `count` clients; the servers take turns, so that a slow moment of the machine hits all alike. */
export async function fanout(count: number): Promise<Row[]> {
  const names = Object.keys(KINDS)
  const bytes = new Map<string, number>()
  for (const name of names) bytes.set(name, await memoryOf(name))
  const pairs: Pair[] = []
  for (const name of names) pairs.push(await connect(name, count))
  const measured = new Map<string, Measured>(names.map((name) => [name, { cpuMs: [], heard: [], p50: [], p99: [] }]))
  for (let round = -WARMUPS; round < ROUNDS; round++) {
    for (const { name, server, clients } of pairs) {
      const isOfTen = KINDS[name]?.ofTen === true
      await answer(clients, { ask: 'count' })
      const { cpuMs } = await answer<{ cpuMs: number }>(server, { ask: 'round', count: isOfTen ? MESSAGES * 10 : MESSAGES, of: isOfTen ? 10 : 1 })
      const { heard, p50, p99 } = await answer<{ heard: number; p50: number; p99: number }>(clients, { ask: 'count' })
      if (round < 0) continue
      const into = measured.get(name) as Measured
      into.cpuMs.push(cpuMs / (isOfTen ? 10 : 1))
      into.heard.push(heard)
      into.p50.push(p50)
      into.p99.push(p99)
    }
  }
  for (const { server, clients } of pairs) {
    clients.kill()
    server.kill()
  }
  const ratio = (name: string, to: string): string => {
    const base = (measured.get(to) as Measured).cpuMs
    return `${median((measured.get(name) as Measured).cpuMs.map((cpuMs, round) => cpuMs / (base[round] ?? Number.NaN))).toFixed(2)}x`
  }
  const memory = (name: string, to: string): string => {
    const of = (one: string): number => bytes.get(one) ?? Number.NaN
    return `${(of(name) / 1_024).toFixed(1)} KiB (${(of(name) / of(to)).toFixed(2)}x)`
  }
  return names.map((name) => {
    const { cpuMs, heard, p50, p99 } = measured.get(name) as Measured
    const expected = count * MESSAGES * (KINDS[name]?.ofTen === true ? 10 : 1)
    const bare = KINDS[name]?.door === 'socket.io' ? 'Socket.IO, bare' : (names[0] as string)
    return {
      name, 'CPU per delivery': `${((median(cpuMs) / (count * MESSAGES)) * 1_000).toFixed(2)} us`, 'vs by hand': ratio(name, names[0] as string),
      'vs its bare door': ratio(name, bare), 'memory per connection': memory(name, bare), 'p50 / p99': `${median(p50)} / ${median(p99)} ms`,
      lost: String(heard.reduce((lost, one) => lost + Math.max(0, expected - one), 0)),
    }
  })
}
