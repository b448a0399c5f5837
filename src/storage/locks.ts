/**
 * Who owns messages, by the Web Locks API: a session holds a lock as long as it lives, and the browser lets go
 * of it when the page is gone, however it went.
 */

/** A session's hold on its own messages. Its owner's name is new every time: one that a page could read back would be copied with the tab. */
export interface Hold {
  /** Resolves once nobody else can take this session's messages. */
  take(): Promise<void>
  /** Lets others have them, at once. */
  release(): void
}

const nameOf = (scope: string, owner: string): string => `uplink:${scope}:${owner}`

/** The lock manager of this page, where there is one: only secure contexts have it. */
export function lockManager(): LockManager | undefined {
  return globalThis.navigator?.locks
}

/** A hold by a lock. */
export function holdLock(locks: LockManager, scope: string, owner: string): Hold {
  let letGo: (() => void) | undefined
  let wanted = 0
  return {
    take() {
      const turn = ++wanted
      return new Promise<void>((resolve, fail) => {
        locks.request(nameOf(scope, owner), () => {
          resolve()
          // Released in the meantime, before it was even had.
          if (turn !== wanted) return undefined
          return new Promise<void>((release) => { letGo = release })
        }).catch(fail)
      })
    },
    release() {
      wanted++
      letGo?.()
      letGo = undefined
    },
  }
}

/** Runs `work` for each owner whose session is gone, while nobody else can. Returns what it answered. */
export async function forEachGone<Value>(locks: LockManager, scope: string, owners: readonly string[], work: (owner: string) => Promise<Value>): Promise<Value[]> {
  const answers: Value[] = []
  for (const owner of owners) {
    await locks.request(nameOf(scope, owner), { ifAvailable: true }, async (lock) => {
      if (lock !== null) answers.push(await work(owner))
    })
  }
  return answers
}
