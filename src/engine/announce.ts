/** Turns what the machine wants told into events, with the times that people use. */
import type { Notice } from '../core/machine.ts'
import { type Stats, noteError } from '../core/stats.ts'
import type { Emitter } from './events.ts'
import type { Logger } from './logger.ts'
import type { Platform } from './platform.ts'

/** Emits the event of a notice; errors are counted and logged on the way. */
export function announce(notice: Notice, emitter: Emitter, stats: Stats, platform: Platform, logger: Logger): void {
  switch (notice.name) {
    case 'error':
      noteError(stats, notice.error.code, notice.error.message, platform.time())
      logger.warn(notice.error.message, { code: notice.error.code })
      return emitter.emit('error', notice.error)
    case 'reconnecting': {
      const { attempt, delayMs } = notice
      return emitter.emit('reconnecting', { attempt, delayMs, retryAt: platform.time() + delayMs })
    }
    case 'open': return emitter.emit('open', notice)
    case 'close': return emitter.emit('close', notice)
    case 'reconnectFailed': return emitter.emit('reconnectFailed', notice)
    case 'heartbeatTimeout': return emitter.emit('heartbeatTimeout', notice)
    default: return notice satisfies never
  }
}
