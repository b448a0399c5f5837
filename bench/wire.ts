/** `inbound` and `outbound`: CPU of a client process for the same messages, as a ratio to the baseline's. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CLIENTS } from './clients.ts'
import { RELIABLE } from './reliable.ts'
import { type Row, median } from './report.ts'

const ROUNDS = 11
const WARMUPS = 2
const COUNT = { inbound: 60_000, outbound: 40_000 }

const start = (file: string, args: readonly string[] = []): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: ['--import', 'tsx'] })

function answer<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a bench process ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message as Answer)
    })
  })
}

/** Runs the rounds of all clients in turn, so that a slow moment of the machine hits all alike. */
export async function wire(kind: 'inbound' | 'outbound', among: 'plain' | 'reliable' = 'plain'): Promise<Row[]> {
  const server = start('wire-server.ts')
  const servers = JSON.stringify(await answer(server))
  const names = Object.keys(among === 'plain' ? CLIENTS : RELIABLE)
  const clients = names.map((name) => start('wire-client.ts', [name, kind, servers, String(COUNT[kind])]))
  await Promise.all(clients.map((client) => answer(client)))
  const cpu = new Map<string, number[]>(names.map((name) => [name, []]))
  for (let round = -WARMUPS; round < ROUNDS; round++) {
    for (const [index, name] of names.entries()) {
      const client = clients[index] as ChildProcess
      const result = answer<{ cpuMs: number }>(client)
      client.send('go')
      const { cpuMs } = await result
      if (round >= 0) cpu.get(name)?.push(cpuMs)
    }
  }
  for (const child of [...clients, server]) child.kill()
  const base = cpu.get(names[0] as string) ?? []
  return names.map((name) => {
    const times = cpu.get(name) ?? []
    // Round by round against the baseline of the same round, then the median: drift cancels out.
    const ratio = median(times.map((time, round) => time / (base[round] ?? Number.NaN)))
    return { name, 'CPU vs baseline': `${ratio.toFixed(2)}x`, 'CPU per message': `${((median(times) / COUNT[kind]) * 1_000).toFixed(2)} us` }
  })
}
