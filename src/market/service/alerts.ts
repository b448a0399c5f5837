/** What deserves a word: a number that stays over its threshold. Pure: it is told the numbers and the time. */

/**
 * What is watched: `latency` of the socket, `errors` a minute, and `staleness`: how long ago any stream or poll
 * brought anything. A single quiet symbol is no news.
 */
export type AlertKind = 'latency' | 'errors' | 'staleness'

/** A number that is over its threshold, or no longer. */
export interface MarketAlert {
  readonly kind: AlertKind
  /** `true` when it begins, `false` when it is over. */
  readonly isActive: boolean
  /** ms; for `errors`, how many in the last minute. */
  readonly value: number
  readonly threshold: number
  /** When the number went over, epoch ms. */
  readonly since: number
}

/** When to alert. Infinity watches nothing. */
export interface AlertThresholds {
  /** Smoothed round trip, in ms. @default 1_000 */
  readonly latencyMs?: number
  /** @default 10 */
  readonly errorsPerMinute?: number
  /** Without anything heard, in ms. @default 10_000 */
  readonly staleMs?: number
  /** How long a number has to stay over, in ms. A stale feed has waited already, and waits no longer. @default 5_000 */
  readonly forMs?: number
}

/** The numbers at one moment; `null` where one is not known. */
export type Readings = Readonly<Record<AlertKind, number | null>>

/** Watches numbers. */
export interface AlertWatch {
  /** Alerts that begin or end now, `time` being epoch ms. */
  look(readings: Readings, time: number): MarketAlert[]
  active(): readonly MarketAlert[]
}

/** Makes a watch. */
export function createAlertWatch({ latencyMs = 1_000, errorsPerMinute = 10, staleMs = 10_000, forMs = 5_000 }: AlertThresholds = {}): AlertWatch {
  const limits: ReadonlyArray<readonly [kind: AlertKind, threshold: number, forMs: number]> = [['latency', latencyMs, forMs], ['errors', errorsPerMinute, forMs], ['staleness', staleMs, 0]]
  const overSince = new Map<AlertKind, number>()
  const active = new Map<AlertKind, MarketAlert>()

  return {
    look(readings, time) {
      return limits.flatMap(([kind, threshold, hold]): MarketAlert[] => {
        const value = readings[kind]
        if (value !== null && value > threshold) {
          const since = overSince.get(kind) ?? time
          overSince.set(kind, since)
          if (active.has(kind) || time - since < hold) return []
          const alert = { kind, isActive: true, value, threshold, since }
          active.set(kind, alert)
          return [alert]
        }
        overSince.delete(kind)
        const before = active.get(kind)
        active.delete(kind)
        return before === undefined ? [] : [{ ...before, isActive: false, value: value ?? 0 }]
      })
    },
    active: () => [...active.values()],
  }
}
