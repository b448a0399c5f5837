/** How the service fares: status, metrics and alerts. It looks once a second, and only while something is followed. */
import type { ConnectionState } from '../../core/machine.ts'
import { createListeners, deliver, listenTo } from '../../engine/listeners.ts'
import type { TimerHandle } from '../../engine/platform.ts'
import type { MarketSource } from '../values.ts'
import { type AlertThresholds, type MarketAlert, createAlertWatch } from './alerts.ts'
import type { MarketUplink } from './host.ts'
import type { RequestCounts } from './requests.ts'
import type { RestUsage } from './rest-interface.ts'

/** Where a service stands. */
export interface MarketStatus {
  /** Of the connection. */
  readonly state: ConnectionState
  /** Where data comes from at present: the socket, a fallback of the uplink that polls, or nowhere. */
  readonly source: MarketSource
  /** Alerts that are on. */
  readonly alerts: readonly MarketAlert[]
}

/** What a service has done. Durations are ms, times epoch ms. */
export interface MarketMetrics extends RequestCounts, RestUsage {
  /** Messages a second on the socket. */
  readonly messageRate: number
  /** Smoothed round trip; `null` while unknown. */
  readonly latency: number | null
  readonly uptime: number
  readonly reconnections: number
  /** Errors of the connection and of data, since the start. */
  readonly errorCount: number
  /** Tickers, series, trades and books that are followed. */
  readonly feeds: number
}

/** Watches a service. */
export interface Monitor {
  opened(end: () => void): () => void
  heard(): void
  status(): MarketStatus
  metrics(): MarketMetrics
  subscribe(listener: (status: MarketStatus, metrics: MarketMetrics) => void): () => void
  onAlert(listener: (alert: MarketAlert) => void): () => void
  destroy(): void
}

/** What a monitor looks at. */
export interface MonitorParts {
  readonly uplink: MarketUplink
  readonly thresholds: AlertThresholds | undefined
  counts(): RequestCounts
  usage(): RestUsage
  report(thrown: unknown): void
}

const EVERY_MS = 1_000
const MINUTE_MS = 60_000

/** Most errors that are remembered for the count of a minute. */
const ERRORS_MOST = 1_000

/** Makes a monitor. */
export function createMonitor({ uplink, thresholds, counts, usage, report }: MonitorParts): Monitor {
  const { platform } = uplink
  const watch = createAlertWatch(thresholds)
  const followers = createListeners<MarketStatus, MarketMetrics>()
  const alerted = createListeners<MarketAlert, undefined>()
  const ends = new Set<() => void>()
  let errorCount = 0
  let errorTimes: number[] = []
  let heardAt = platform.now()
  let timer: TimerHandle | undefined
  let release: (() => void) | undefined

  const forgetErrors = uplink.on('error', () => note())
  const forgetState = uplink.subscribe(() => tell())

  function note(): void {
    errorCount++
    errorTimes.push(platform.now())
    if (errorTimes.length > ERRORS_MOST) errorTimes = errorTimes.slice(-ERRORS_MOST / 2)
  }

  function sourceNow(): MarketSource {
    const { state, delayed } = uplink.getState()
    if (state === 'connected') return 'live'
    return typeof delayed === 'number' ? 'fallback' : 'cache'
  }

  const status = (): MarketStatus => ({ state: uplink.getState().state, source: sourceNow(), alerts: watch.active() })

  function metrics(): MarketMetrics {
    const { receivedPerSecond, uptime, reconnections } = uplink.stats.getState()
    return { messageRate: receivedPerSecond, latency: uplink.latency.getState().average, uptime, reconnections, errorCount, feeds: ends.size, ...counts(), ...usage() }
  }

  function tell(): void {
    if (followers.entries.length > 0) deliver(followers, status(), metrics(), report)
  }

  function look(): void {
    timer = platform.setTimer(look, EVERY_MS)
    const now = platform.now()
    errorTimes = errorTimes.filter((at) => now - at < MINUTE_MS)
    const readings = { latency: uplink.latency.getState().average, errors: errorTimes.length, staleness: now - heardAt }
    for (const alert of watch.look(readings, platform.time())) deliver(alerted, alert, undefined, report)
    tell()
  }

  function rest(): void {
    if (timer !== undefined) platform.clearTimer(timer)
    timer = undefined
    release?.()
    release = undefined
  }

  return {
    opened(end) {
      if (ends.size === 0) {
        heardAt = platform.now()
        release = uplink.lease()
        timer = platform.setTimer(look, EVERY_MS)
      }
      ends.add(end)
      return () => {
        if (ends.delete(end) && ends.size === 0) rest()
      }
    },
    heard() {
      heardAt = platform.now()
    },
    status,
    metrics,
    subscribe: (listener) => listenTo(followers, listener),
    onAlert: (listener) => listenTo(alerted, listener),
    destroy() {
      for (const end of ends) end()
      forgetErrors()
      forgetState()
    },
  }
}
