/** A storage in virtual time, shared by pages that come and go, with faults. */
import { UplinkError } from '../core/errors.ts'
import type { MessageStorage, StorageSession, StoredMessage } from '../engine/storage.ts'
import { persistence } from '../storage/persistence.ts'
import type { VirtualClock } from './clock.ts'

/** How the disk behaves; may be changed at any time. */
export interface DiskConditions {
  /** What happens to calls: they work, fail, or never answer. */
  fault: 'none' | 'reject' | 'throw' | 'hang'
  delayMs: readonly [least: number, most: number]
}

/** A simulated disk. */
export interface SimulatedDisk {
  readonly conditions: DiskConditions
  /** Messages that are kept now, of all pages. */
  rows(): readonly StoredMessage[]
  /**
   * The storage of one page. `crash` ends the page: what it was writing is lost, what it has written stays
   * for others to adopt.
   */
  page(): { readonly storage: MessageStorage; crash(): void }
}

interface Kept {
  readonly scope: string
  readonly row: StoredMessage
  owner: object | null
}

/**
 * Makes a disk.
 *
 * @example
 * const disk = createSimulatedDisk({ clock, random: seededRandom(1) })
 * const page = disk.page()
 * const uplink = createUplink({ url, platform, identity: 'ann', storage: page.storage })
 */
export function createSimulatedDisk({ clock, random }: { readonly clock: VirtualClock; readonly random: () => number }): SimulatedDisk {
  const conditions: DiskConditions = { fault: 'none', delayMs: [1, 20] }
  const kept = new Map<string, Kept>()

  function run<Value>(isAlive: () => boolean, work: () => Value): Promise<Value> {
    const { fault, delayMs: [least, most] } = conditions
    if (fault === 'throw') throw new Error('the disk is broken')
    return new Promise((resolve, reject) => {
      if (fault === 'hang') return
      clock.setTimer(() => {
        if (!isAlive()) return
        if (fault === 'reject') reject(new UplinkError('UPLINK_STORAGE_FAILED', 'the disk is full'))
        else resolve(work())
      }, least + random() * (most - least))
    })
  }

  function page(): { readonly storage: MessageStorage; crash(): void } {
    let owner: object | null = {}
    let crashed = false
    const isAlive = (): boolean => !crashed
    const own = (id: string): boolean => owner !== null && kept.get(id)?.owner === owner
    const letGo = (): void => {
      for (const each of kept.values()) if (each.owner === owner) each.owner = null
    }

    function open(scope: string): StorageSession {
      owner = crashed ? null : {}
      return session(scope)
    }

    const session = (scope: string): StorageSession => ({
      adopt: () => run(isAlive, () => {
        if (owner === null) return []
        const left = [...kept.values()].filter((each) => each.scope === scope && each.owner === null)
        for (const each of left) each.owner = owner
        return left.map(({ row }) => row).sort((a, b) => a.order - b.order)
      }),
      write: ({ insert, update, remove }) => run(isAlive, () => {
        for (const row of insert) kept.set(row.id, { scope, row: structuredClone(row), owner })
        const lost = update.filter(({ id }) => !own(id)).map(({ id }) => id)
        for (const row of update) if (own(row.id)) kept.set(row.id, { scope, row: structuredClone(row), owner })
        for (const id of remove) kept.delete(id)
        return lost
      }),
      release() {
        letGo()
        owner = null
      },
      reclaim: () => run(isAlive, () => {
        owner = {}
        return []
      }),
      wipe: () => run(isAlive, () => {
        for (const [id, each] of kept) if (each.scope === scope) kept.delete(id)
      }),
    })
    return {
      storage: { name: 'simulated disk', persistence, open: (scope) => run(isAlive, () => open(scope)) },
      crash() {
        crashed = true
        letGo()
        owner = null
      },
    }
  }

  return { conditions, page, rows: () => [...kept.values()].map(({ row }) => row) }
}
