/** Nodes in processes of their own, and how a test speaks to them. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Position } from '../../../src/protocol/message.ts'
import type { Health, Revocation, ServerStats } from '../../../src/server/index.ts'

/** A node. */
export interface ClusterNode {
  readonly port: number
  readonly process: ChildProcess
  /** Ids of messages that its handler began with. */
  readonly handled: string[]
  readonly unhandled: string[]
  publish(value: unknown, how?: { readonly name?: string; readonly key?: string }): Promise<{ readonly position?: Position; readonly error?: string }>
  stats(): Promise<ServerStats>
  health(): Promise<Health>
  drain(): Promise<void>
  presence(name: string): Promise<number>
  revoke(revocation: Revocation): Promise<void>
}

/** Starts a node; it is killed when the test ends. */
export async function startNode(redisUrl: string): Promise<ClusterNode> {
  const child = fork(fileURLToPath(new URL('node-process.ts', import.meta.url)), [redisUrl], { execArgv: ['--import', 'tsx'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>()
  const handled: string[] = []
  const unhandled: string[] = []
  let numbers = 0
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`a node ended with ${code}`)))
    child.on('message', (message: Record<string, unknown>) => {
      if (message['type'] === 'ready') resolve(message['port'] as number)
      else if (message['type'] === 'handled') handled.push(message['id'] as string)
      else if (message['type'] === 'unhandled') unhandled.push(message['error'] as string)
      else {
        waiting.get(message['number'] as number)?.(message)
        waiting.delete(message['number'] as number)
      }
    })
  })
  const ask = <Answer>(what: object): Promise<Answer> => new Promise((resolve) => {
    const number = ++numbers
    waiting.set(number, (answer) => resolve(answer as Answer))
    child.send({ ...what, number })
  })
  return {
    port, process: child, handled, unhandled,
    publish: (value, how = {}) => ask({ ask: 'publish', value, ...how }),
    stats: async () => (await ask<{ stats: ServerStats }>({ ask: 'stats' })).stats,
    health: async () => (await ask<{ health: Health }>({ ask: 'health' })).health,
    drain: () => ask({ ask: 'drain' }),
    presence: async (name) => (await ask<{ count: number }>({ ask: 'presence', name })).count,
    revoke: (value) => ask({ ask: 'revoke', value }),
  }
}
