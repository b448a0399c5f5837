/** Revocations of all nodes: told at once, and kept, so that nodes which were away or begin later hear of them too. */
import type { Broker } from '../brokers/broker.ts'
import type { Revocation } from '../revoked.ts'
import type { Clock } from './clock.ts'
import { REVOKED_MS, checkRevocation } from './revocation.ts'

/** What revocations need. */
export interface RevocationsHost {
  readonly broker: Broker
  readonly clock: Clock
  /** A revocation holds here from now on. Called again for one that is known. */
  apply(revocation: Revocation): void
  failed(what: string, error: unknown): void
  isClosed(): boolean
}

/** Revocations of a node. */
export interface Revocations {
  revoke(revocation: Revocation): Promise<void>
  /** Reads what was revoked while this node did not listen; tries for as long as that takes, because a broker that fails once may answer the next time. */
  catchUp(): Promise<void>
}

/** No channel can be called so: names of channels hold no `?`. */
const STREAM = '?revoked'
const MOST = 10_000
const AGAIN_MS = 1_000

/** Makes the revocations of a node. */
export function createRevocations({ broker, clock, apply, failed, isClosed }: RevocationsHost): Revocations {
  let position = { epoch: '', offset: 0 }

  async function read(): Promise<void> {
    const { epoch, top, entries } = await broker.page(STREAM, undefined, MOST)
    for (const { offset, text } of entries) {
      if (epoch === position.epoch && offset <= position.offset) continue
      // What lies there may be anybody's: one entry that is none must not sign everybody out, nor keep a node from opening.
      try {
        apply(checkRevocation((JSON.parse(text) as { readonly data: Revocation }).data))
      } catch (error) {
        failed('read a revocation', error)
      }
    }
    position = { epoch, offset: top }
  }

  return {
    async revoke(revocation) {
      await broker.publish(STREAM, STREAM, { type: 'revoked', data: revocation }, { history: { count: MOST, size: 4_194_304, ageMs: REVOKED_MS } })
      await broker.tell({ type: 'revoked', ...revocation })
    },
    async catchUp() {
      while (!isClosed()) {
        try {
          return await read()
        } catch (error) {
          failed('read what was revoked', error)
          await new Promise<void>((resolve) => void clock.setTimer(resolve, AGAIN_MS))
        }
      }
    },
  }
}
