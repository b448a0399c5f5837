/** Revocations of all nodes: told at once, and kept, so that nodes which were away or begin later hear of them too. */
import type { Broker } from '../brokers/broker.ts'
import { REVOKED_MS, type Revocation, checkRevocation } from './revocation.ts'

/** What revocations need. */
export interface RevocationsHost {
  readonly broker: Broker
  /** A revocation holds here from now on. Called again for one that is known. */
  apply(revocation: Revocation): void
  failed(what: string, error: unknown): void
}

/** Revocations of a node. */
export interface Revocations {
  revoke(revocation: Revocation): Promise<void>
  /** Reads what was revoked while this node did not listen. */
  catchUp(): Promise<void>
}

/** No channel can be called so: names of channels hold no `?`. */
const STREAM = '?revoked'
const MOST = 10_000

/** Makes the revocations of a node. */
export function createRevocations({ broker, apply, failed }: RevocationsHost): Revocations {
  let position = { epoch: '', offset: 0 }
  return {
    async revoke(revocation) {
      await broker.publish(STREAM, STREAM, { type: 'revoked', data: revocation }, { history: { count: MOST, size: 4_194_304, ageMs: REVOKED_MS } })
      await broker.tell({ type: 'revoked', ...revocation })
    },
    async catchUp() {
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
    },
  }
}
