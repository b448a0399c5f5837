/** What a revocation voids: the same for who is connected, for who comes later, and on every node. */
import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisBroker } from '../../../src/server/brokers/redis.ts'
import { jwt } from '../../../src/server/jwt.ts'
import { isTooEarly, isVoid } from '../../../src/server/revoked.ts'
import { systemClock } from '../../../src/server/runtime/clock.ts'
import { nodeRedis } from '../brokers/clients.ts'
import { type RedisServer, hasRedis, redisTitle, startRedis } from '../brokers/redis-server.ts'
import { type Bare, type Running, bare, client, startServer } from './support.ts'

const SECRET = 'a-secret-of-thirty-two-bytes-or-more'
const SECOND = 1_790_000_000
const sign = (iat: number, claims: object = {}): Promise<string> => new SignJWT({ sub: 'ann', iss: 'login', aud: 'dash', sid: 'sign-in 1', ...claims })
  .setProtectedHeader({ alg: 'HS256' }).setIssuedAt(iat).setExpirationTime('1h').sign(new TextEncoder().encode(SECRET))
const authenticate = jwt({ secret: SECRET, algorithms: ['HS256'], issuer: 'login', audience: 'dash' })
const show = async ({ url }: Running, token: string): Promise<Bare> => bare(url, [], { authorization: `Bearer ${token}` })

async function enter(node: Running, token: string): Promise<Bare> {
  const socket = await show(node, token)
  await expect.poll(() => socket.frames.at(-1)).toMatchObject({ type: 'connection', identity: 'ann' })
  return socket
}

const REVOKED = { type: 'goodbye', reason: 'revoked', retryAfter: 1_000 }

describe('a revocation', () => {
  const ms = SECOND * 1_000
  it.each([
    ['of a moment', { issuedBefore: ms + 500 }, [[ms - 1_000, true], [ms, true], [ms + 499, true], [ms + 999, true], [ms + 1_000, false], [undefined, true]]],
    ['of the first moment of a second', { issuedBefore: ms }, [[ms - 1, true], [ms, true], [ms + 999, true], [ms + 1_000, false]]],
    ['of the last moment of a second', { issuedBefore: ms + 999 }, [[ms, true], [ms + 999, true], [ms + 1_000, false]]],
    ['of a sign-in', { sessionId: 's' }, [[ms + 1e9, true], [undefined, true]]],
    ['of another sign-in', { sessionId: 't' }, [[0, false]]],
    ['of another user', { userId: 'bob', issuedBefore: ms }, [[0, false]]],
  ] as const)('%s voids what was made by then', (_, revocation, cases) => {
    for (const [issuedAt, isIt] of cases) {
      expect([issuedAt, isVoid({ identity: 'ann', sessionId: 's', ...(issuedAt === undefined ? {} : { issuedAt }) }, revocation)]).toEqual([issuedAt, isIt])
    }
    expect(isVoid({ identity: null }, { issuedBefore: ms })).toBe(false)
  })

  it('is over for newer credentials with its second', () => {
    expect([isTooEarly({ issuedBefore: ms }, ms + 999), isTooEarly({ issuedBefore: ms + 500 }, ms + 1_000), isTooEarly({ sessionId: 's' }, ms)]).toEqual([true, false, false])
  })
})

describe.skipIf(!hasRedis)(redisTitle('a user who is revoked'), () => {
  let redis: RedisServer
  beforeAll(async () => { redis = await startRedis() })
  afterAll(() => redis.close())

  // A clock that stands still: whole seconds then lie where the test wants them.
  it.each([0, 500, 999])('is out on every node with what was made in that second (%i ms into it), connected or not', async (ms) => {
    const clock = { ...systemClock, time: () => SECOND * 1_000 + ms }
    const prefix = randomUUID()
    const start = (): Promise<Running> => startServer({ authenticate, clock, broker: redisBroker({ client: nodeRedis(redis), prefix }) })
    const nodes = [await start(), await start()] as const
    const [before, same, after] = [await sign(SECOND - 1), await sign(SECOND), await sign(SECOND + 1)]
    const connected = [await enter(nodes[0], same), await enter(nodes[1], same), await enter(nodes[1], before)]
    const newer = [await enter(nodes[0], after), await enter(nodes[1], after)]
    await nodes[0].server.revoke({ userId: 'ann' })
    for (const socket of connected) {
      expect(await socket.closed).toEqual([4401, 'credentials revoked'])
      expect(socket.frames.at(-1)).toEqual(REVOKED)
    }
    const late = await start()
    for (const node of [...nodes, late]) {
      for (const token of [before, same]) {
        const socket = await show(node, token)
        expect(await socket.closed).toEqual([4401, 'credentials revoked'])
        // They were not there to be told: so they are told now, or they would come back with another of this second.
        expect(socket.frames.at(-1)).toEqual(REVOKED)
      }
      await enter(node, after)
    }
    expect(newer.map(({ socket }) => socket.readyState)).toEqual([1, 1])
  })
})

describe('somebody who was not there when it was revoked', () => {
  it('and signs in again in the same second is in a second later', async () => {
    // The server's seconds begin when the test does, and so do those of the one who signs.
    const begun = Date.now()
    const time = (): number => SECOND * 1_000 + Date.now() - begun
    const { server, url } = await startServer({ authenticate, clock: { ...systemClock, time } })
    await server.revoke({ userId: 'ann' })
    let tokens = 0
    const connection = client(url, { credentials: () => { tokens++; return sign(Math.floor(time() / 1_000)) } })
    await expect.poll(() => connection.snapshot().state, { timeout: 5_000 }).toBe('connected')
    expect(tokens).toBe(2)
  })

  it('is told at once where newer ones are good already', async () => {
    const { server, url } = await startServer({ authenticate, clock: { ...systemClock, time: () => SECOND * 1_000 } })
    await server.revoke({ userId: 'ann', issuedBefore: SECOND * 1_000 - 60_000 })
    const socket = await bare(url, [], { authorization: `Bearer ${await sign(SECOND - 100)}` })
    expect(await socket.closed).toEqual([4401, 'credentials refused'])
    expect(socket.frames).toEqual([])
  })
})

it('nobody slips in between the question who it is and the answer', async () => {
  // The authenticator answers, and some steps later the user is revoked: before, while or after the answer is acted upon.
  for (let steps = 0; steps < 12; steps++) {
    let answer: (() => void) | undefined
    const { server, url } = await startServer({ authenticate: () => new Promise((resolve) => { answer = () => resolve({ identity: 'ann', issuedAt: 0 }) }) })
    const socket = await bare(url, [], { authorization: 'Bearer x' })
    await expect.poll(() => answer).toBeDefined()
    answer?.()
    for (let step = 0; step < steps; step++) await Promise.resolve()
    await server.revoke({ userId: 'ann' })
    expect([steps, (await socket.closed)[0]]).toEqual([steps, 4401])
    await server.close()
  }
})
