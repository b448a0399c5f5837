import { describe, expect, it } from 'vitest'
import { runWorlds } from './pair/run.ts'
import { checker } from './pair/schema.ts'

/** What `npm test` plays; `npm run simulate -- 200000` plays more. */
const WORLDS = 2_000

describe('clients and server, in worlds of random faults', () => {
  it('break no rule in 2,000 worlds, and every world heals', async () => {
    const { faults, pairs, outcomes } = await runWorlds(1, WORLDS)
    expect(faults.size).toBe(55)
    expect(Math.min(...faults.values())).toBeGreaterThan(100)
    expect([...outcomes.keys()].toSorted()).toEqual(['delivered', 'dropped', 'expired', 'page gone', 'rejected', 'unknown'])
    // Phases in which everything must have been met; the rarest pairs are in the report of `npm run simulate`.
    for (const phase of ['authorizing', 'dialing', 'greeting', 'open', 'waiting']) {
      for (const signal of ['disconnect', 'reconnect', 'wake', 'network', 'visibility', 'pagehide', 'tick']) expect(pairs.get(`${phase} + ${signal}`), `${phase} + ${signal}`).toBeGreaterThan(0)
    }
    expect(pairs.size).toBeGreaterThan(85)
  }, 300_000)

  it('send nothing that is not in the protocol', async () => {
    const ofServer = checker('server')
    const ofClient = checker('client')
    const types = new Set<string>()
    await runWorlds(900_000, 60, ({ frames: { sent, received } }) => {
      for (const text of sent) {
        types.add((JSON.parse(text) as { type: string }).type)
        expect(ofServer(text)).toBeNull()
      }
      for (const text of received) {
        types.add((JSON.parse(text) as { type: string }).type)
        expect(ofClient(text)).toBeNull()
      }
    })
    for (const type of ['hello', 'authenticate', 'ping', 'subscribe', 'unsubscribe', 'status', 'batch', 'connection', 'authentication_confirmed', 'pong', 'subscription_confirmed', 'unsubscription_confirmed', 'ack', 'nack', 'goodbye']) {
      expect(types, type).toContain(type)
    }
  }, 120_000)
})
