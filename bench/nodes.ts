/** `nodes`: several nodes over one Redis; how late messages are on every node, and what each process costs. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startRedis } from '../tests/server/brokers/redis-server.ts'
import type { Row } from './report.ts'

const CLIENTS = 100
const RATE = 200
const MS = 5_000

function answer<Answer>(child: ChildProcess, ask?: object): Promise<Answer> {
  const told = new Promise<Answer>((resolve) => { child.once('message', (message) => resolve(message as Answer)) })
  if (ask !== undefined) child.send(ask)
  return told
}

const start = (file: string, args: readonly string[]): ChildProcess => fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: ['--import', 'tsx'] })

async function measure(count: number): Promise<Row> {
  const redis = await startRedis()
  const cpuOfRedis = async (): Promise<number> => {
    const info = String(await redis.command('INFO', 'cpu'))
    return [...info.matchAll(/used_cpu_(?:sys|user):([\d.]+)/g)].reduce((sum, [, seconds]) => sum + Number(seconds) * 1_000, 0)
  }
  const nodes: ChildProcess[] = []
  const clients: ChildProcess[] = []
  for (let node = 0; node < count; node++) {
    const server = start('nodes-server.ts', [redis.url])
    const { port } = await answer<{ port: number }>(server)
    const crowd = start('fanout-clients.ts', [`ws://127.0.0.1:${port}/`, 'ws', String(CLIENTS)])
    await answer(crowd)
    nodes.push(server)
    clients.push(crowd)
  }
  for (const node of nodes) for (let followers = 0; followers < CLIENTS;) followers = (await answer<{ clients: number }>(node, { ask: 'cpu' })).clients
  await answer(nodes[0] as ChildProcess, { ask: 'publish', rate: RATE, ms: 1_000 })
  for (const crowd of clients) await answer(crowd, { ask: 'count' })
  for (const node of nodes) await answer(node, { ask: 'cpu' })
  const redisBefore = await cpuOfRedis()
  const { sent } = await answer<{ sent: number }>(nodes[0] as ChildProcess, { ask: 'publish', rate: RATE, ms: MS })
  await new Promise((resolve) => { setTimeout(resolve, 500) })
  const redisMs = (await cpuOfRedis()) - redisBefore
  const heard = await Promise.all(clients.map((crowd) => answer<{ heard: number; p50: number; p99: number }>(crowd, { ask: 'count' })))
  const cpu = await Promise.all(nodes.map((node) => answer<{ cpuMs: number }>(node, { ask: 'cpu' })))
  for (const child of [...nodes, ...clients]) child.kill()
  await redis.close()
  const deliveries = heard.reduce((sum, one) => sum + one.heard, 0)
  return {
    nodes: String(count), 'clients each': String(CLIENTS), 'published a second': String(Math.round(sent / (MS / 1_000))),
    'delivered a second': String(Math.round(deliveries / (MS / 1_000))), lost: String(sent * CLIENTS * count - deliveries),
    'p50 / p99 on the publishing node': `${heard[0]?.p50} / ${heard[0]?.p99} ms`,
    'p50 / p99 on the others': heard.length > 1 ? `${Math.max(...heard.slice(1).map(({ p50 }) => p50))} / ${Math.max(...heard.slice(1).map(({ p99 }) => p99))} ms` : '',
    'CPU of the nodes': cpu.map(({ cpuMs }) => `${Math.round((cpuMs / MS) * 100)} %`).join(', '), 'CPU of Redis': `${Math.round((redisMs / MS) * 100)} %`,
  }
}

/** One, two and three nodes. */
export async function nodes(): Promise<Row[]> {
  return [await measure(1), await measure(2), await measure(3)]
}
