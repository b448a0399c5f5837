/** Revocations are found by whom they are about, and forgotten after their day. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Revocation, isVoid } from '../../../src/server/revoked.ts'
import { systemClock } from '../../../src/server/runtime/clock.ts'
import { REVOKED_MS } from '../../../src/server/runtime/revocation.ts'
import { createVoids } from '../../../src/server/runtime/voids.ts'

const maybe = <Value>(of: fc.Arbitrary<Value>) => fc.option(of, { nil: undefined })
const name = fc.constantFrom('a', 'b', 'c')
const revocation = fc.record({ userId: maybe(name), sessionId: maybe(name), issuedBefore: maybe(fc.integer({ min: 0, max: 5_000 })) })
  .filter(({ userId, sessionId, issuedBefore }) => userId !== undefined || sessionId !== undefined || issuedBefore !== undefined) as fc.Arbitrary<Revocation>

it('void is what a look at all of them finds, and of several the newest says so', () => {
  fc.assert(fc.property(
    fc.array(fc.record({ revocation, pauseMs: fc.constantFrom(0, 1_000, REVOKED_MS / 2) }), { maxLength: 12 }),
    fc.record({ identity: fc.option(name), sessionId: maybe(name), issuedAt: maybe(fc.integer({ min: 0, max: 5_000 })) }),
    (told, who) => {
      let now = 0
      const voids = createVoids({ ...systemClock, now: () => now })
      const all: Array<{ readonly revocation: Revocation; readonly endsAt: number }> = []
      for (const one of told) {
        voids.add(one.revocation)
        all.push({ revocation: one.revocation, endsAt: now + REVOKED_MS })
        now += one.pauseMs
      }
      const verdict = { identity: who.identity, roles: [], ...(who.sessionId === undefined ? {} : { sessionId: who.sessionId }), ...(who.issuedAt === undefined ? {} : { issuedAt: who.issuedAt }) }
      const fitting = all.filter(({ revocation: one, endsAt }) => endsAt > now && isVoid(verdict, one))
      const found = voids.of(verdict)
      expect(found !== undefined).toBe(fitting.length > 0)
      if (found !== undefined) expect(fitting.filter(({ endsAt }) => endsAt === Math.max(...fitting.map((one) => one.endsAt))).map((one) => one.revocation)).toContainEqual(found)
    },
  ))
})
