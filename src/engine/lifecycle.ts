/** Turns the life of the page into signals, while somebody wants the connection. */
import type { Signal } from '../core/machine.ts'
import type { LifecycleEvent, Platform } from './platform.ts'
import type { Timer } from './timer.ts'

/** Listens to the page's life, or does not. */
export interface Lifecycle {
  /** Begins to listen, and tells what is so already; does nothing when it listens. */
  attach(): void
  detach(): void
}

/** Makes a listener that gives its signals to `signal`. */
export function createLifecycle(platform: Platform, timer: Timer, signal: (signal: Signal) => void): Lifecycle {
  let forget: (() => void) | undefined

  function hear(event: LifecycleEvent): void {
    switch (event) {
      case 'online': return signal({ type: 'network', online: true })
      case 'offline': return signal({ type: 'network', online: false })
      case 'visible': return signal({ type: 'visibility', hidden: false })
      case 'hidden': return signal({ type: 'visibility', hidden: true })
      case 'focus': return signal({ type: 'wake', slept: timer.sleptMs() > 0 })
      case 'resume': return signal({ type: 'wake', slept: true })
      case 'pagehide': return signal({ type: 'pagehide' })
      case 'pageshow': return signal({ type: 'pageshow' })
      // A frozen page runs nothing: there is nothing to do that its `resume` does not do better.
      case 'freeze': return
      default: return event satisfies never
    }
  }

  return {
    attach() {
      if (forget !== undefined) return
      forget = platform.listen(hear)
      if (platform.isOnline() === false) signal({ type: 'network', online: false })
      if (platform.isHidden()) signal({ type: 'visibility', hidden: true })
    },
    detach() {
      forget?.()
      forget = undefined
    },
  }
}
