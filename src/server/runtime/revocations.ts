/** Revocations of all nodes: told at once, and kept, so that nodes which were away or begin later hear of them too. */
import type { Broker } from '../brokers/broker.ts'
import type { Revocation } from './guests.ts'

/** What revocations need. */
export interface RevocationsHost {
  readonly broker: Broker
  /** A revocation holds here from now on. Called again for one that is known. */
  apply(revocation: Revocation): void
}

/** Revocations of a node. */
export interface Revocations {
  revoke(revocation: Revocation): Promise<void>
  /** Reads what was revoked while this node did not listen. */
  catchUp(): Promise<void>
}

/** No channel can be called so: names of channels hold no `?`. */
const STREAM = '?revoked'
/** How long credentials stay void. */
export const REVOKED_MS = 86_400_000
const MOST = 10_000

/** Makes the revocations of a node. */
export function createRevocations({ broker, apply }: RevocationsHost): Revocations {
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
        const { data } = JSON.parse(text) as { readonly data: Revocation }
        apply(data)
      }
      position = { epoch, offset: top }
    },
  }
}
