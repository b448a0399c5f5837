/** Candles by interval. What the venue tells is kept as it is; other intervals are put together from minutes. */

/** A candle, as streams carry it. Prices and volumes are decimal strings, times epoch ms. */
export interface Candle {
  readonly t: number
  readonly T: number
  readonly i: string
  readonly o: string
  readonly c: string
  readonly h: string
  readonly l: string
  readonly v: string
  readonly n: number
  readonly x: boolean
  readonly q: string
  readonly V: string
  readonly Q: string
}

/** An event of a candle. */
export interface KlineEvent {
  readonly k: Candle
}

/** The lengths of candles, in ms. */
export const INTERVALS: Readonly<Record<string, number>> = {
  '1m': 60_000, '3m': 180_000, '5m': 300_000, '15m': 900_000, '30m': 1_800_000, '1h': 3_600_000, '2h': 7_200_000, '4h': 14_400_000,
  '6h': 21_600_000, '8h': 28_800_000, '12h': 43_200_000, '1d': 86_400_000,
}

/** The candles of one symbol. */
export interface Candles {
  apply(candle: Candle): void
  /** Candles of an interval, oldest first. */
  list(interval: string): readonly Candle[]
}

/** Candles that are kept of an interval. */
const CANDLES_MOST = 1_500

/** Decimals without a float's noise. */
const sum = (a: string, b: string): string => (Number(a) + Number(b)).toFixed(Math.max(a.split('.')[1]?.length ?? 0, b.split('.')[1]?.length ?? 0))

function merged(before: Candle, next: Candle): Candle {
  return {
    ...before,
    c: next.c,
    h: Number(next.h) > Number(before.h) ? next.h : before.h,
    l: Number(next.l) < Number(before.l) ? next.l : before.l,
    v: sum(before.v, next.v),
    n: before.n + next.n,
    q: sum(before.q, next.q),
    V: sum(before.V, next.V),
    Q: sum(before.Q, next.Q),
    x: false,
  }
}

/** No candles yet. */
export function createCandles(): Candles {
  const told = new Map<string, Candle[]>()

  function combined(interval: string): readonly Candle[] {
    const lengthMs = INTERVALS[interval]
    const list: Candle[] = []
    for (const minute of lengthMs === undefined ? [] : (told.get('1m') ?? [])) {
      const t = Math.floor(minute.t / (lengthMs as number)) * (lengthMs as number)
      const last = list.at(-1)
      if (last?.t === t) list[list.length - 1] = merged(last, minute)
      else list.push({ ...minute, t, T: t + (lengthMs as number) - 1, i: interval, x: false })
    }
    return list
  }

  return {
    apply(candle) {
      const list = told.get(candle.i) ?? []
      told.set(candle.i, list)
      const last = list.at(-1)
      if (last !== undefined && candle.t < last.t) return
      if (last?.t === candle.t) list.pop()
      list.push(candle)
      if (list.length > CANDLES_MOST) list.shift()
    },
    list: (interval) => told.get(interval) ?? combined(interval),
  }
}
