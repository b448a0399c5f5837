/** A real Redis for tests: on a free port, with its data in a folder that goes when it goes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'

/** Whether there is a `redis-server` here. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0

/** Names a suite, and why it is skipped where it is. */
export function redisTitle(title: string): string {
  return hasRedis ? title : `${title} (skipped: there is no redis-server in PATH)`
}

export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Runs a command over a connection of its own. */
  command(...command: readonly string[]): Promise<unknown>
  /** Ends the process; `SIGKILL` gives it no time. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Stops and continues the process: it is there, and does not answer. */
  pause(): void
  resume(): void
  start(): Promise<void>
  /** Throws away what is on the disk; the server must be stopped. */
  wipe(): Promise<void>
  close(): Promise<void>
}

async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    // The nodes of a cluster speak to each other on a port 10,000 higher.
    if (port < 55_000) return port
  }
}

/** Starts a Redis; as a cluster of one, it owns all slots. Every write is on its disk before it answers. */
export async function startRedis({ isCluster = false }: { readonly isCluster?: boolean } = {}): Promise<RedisServer> {
  const port = await freePort()
  let folder = await mkdtemp(join(tmpdir(), 'uplink-redis-'))
  let child: ChildProcess | null = null
  const url = `redis://127.0.0.1:${port}`

  async function command(...words: readonly string[]): Promise<unknown> {
    const client = createClient({ url, socket: { reconnectStrategy: false } })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await client.sendCommand(words)
    } finally {
      client.destroy()
    }
  }

  async function start(): Promise<void> {
    const started = spawn('redis-server', [
      '--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always',
      ...(isCluster ? ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] : []),
    ], { stdio: ['ignore', 'pipe', 'inherit'] })
    child = started
    let log = ''
    await new Promise<void>((resolve, reject) => {
      started.once('exit', () => reject(new Error(`redis-server ended:\n${log}`)))
      started.stdout.on('data', (data: Buffer) => {
        log += data.toString()
        if (log.includes('Ready to accept connections')) resolve()
      })
    })
    if (!isCluster) return
    const info = async (): Promise<string> => String(await command('CLUSTER', 'INFO'))
    if (!(await info()).includes('cluster_slots_assigned:16384')) await command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    while (!(await info()).includes('cluster_state:ok'));
  }

  async function stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const running = child
    child = null
    if (running === null || running.exitCode !== null) return
    const ended = once(running, 'exit')
    running.kill(signal)
    await ended
  }

  await start()
  return {
    port, url, command, start, stop,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async wipe() {
      await rm(folder, { recursive: true, force: true })
      folder = await mkdtemp(join(tmpdir(), 'uplink-redis-'))
    },
    async close() {
      await stop('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
