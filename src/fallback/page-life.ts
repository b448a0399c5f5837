/** What polling needs to know of the page: whether anybody looks, whether there is a network, whether it is in the cache. */
import type { LifecycleEvent, Platform } from '../engine/platform.ts'

/** The life of the page. */
export interface PageLife {
  /** Listens, or no longer. */
  follow(wanted: boolean): void
  isOffline(): boolean
  isHidden(): boolean
  /** In the back/forward cache, or on its way there. */
  isAway(): boolean
}

/** Makes what follows the life of the page. `better` hears that there is less to wait for, `leaving` that the page may be gone soon, `changed` of the rest. */
export function createPageLife(platform: Platform, better: () => void, changed: () => void, leaving: () => void): PageLife {
  let forget: (() => void) | undefined
  let isOffline = false
  let isAway = false

  function hear(event: LifecycleEvent): void {
    switch (event) {
      case 'online':
        isOffline = false
        return better()
      case 'offline':
        isOffline = true
        return changed()
      case 'visible':
      case 'pageshow':
      case 'resume':
        isAway = false
        return better()
      case 'hidden':
        return leaving()
      case 'pagehide':
        isAway = true
        leaving()
        return changed()
      default:
    }
  }

  return {
    follow(wanted) {
      if (wanted === (forget !== undefined)) return
      forget?.()
      forget = wanted ? platform.listen(hear) : undefined
      isOffline = wanted && platform.isOnline() === false
      isAway = false
    },
    isOffline: () => isOffline,
    isHidden: () => platform.isHidden(),
    isAway: () => isAway,
  }
}
