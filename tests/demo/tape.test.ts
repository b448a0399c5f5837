import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { play } from '../../examples/dashboard/server/feed.ts'
import { applyFrame, readTape } from '../../examples/dashboard/server/tape.ts'
import type { Row } from '../../examples/dashboard/shared.ts'

const SAMPLE = [
  'wss://x/stream?streams=a <-> 100.5',
  '101.0: {"stream":"a@bookTicker","data":{"u":1,"s":"AAA","b":"1.5","B":"2","a":"1.6","A":"3"}}',
  '',
  'garbage',
  '101.5: {"broken":',
  '102.0: {"stream":"a@aggTrade","data":{"e":"aggTrade","s":"AAA","p":"1.55","q":"10"}}',
  '103.0: {"stream":"a@aggTrade","data":{"e":"aggTrade","s":"AAA","p":"1.57","q":"2.5"}}',
  '104.0: {"stream":"a@kline_1m","data":{"e":"kline","s":"AAA","k":{"c":"1.58"}}}',
  '105.0: {"stream":"a@depth","data":{"e":"depthUpdate","s":"AAA","b":[],"a":[]}}',
].join('\n')

describe('a tape', () => {
  it('is read frame by frame, and says how many lines it skipped', () => {
    const { frames, skipped } = readTape(SAMPLE)
    expect(frames.map(({ at }) => at)).toEqual([101, 102, 103, 104, 105])
    expect(skipped).toBe(2)
  })

  it('makes rows: book for bid and ask, trades for last and volume, candles for last', () => {
    const rows = new Map<string, Row>()
    for (const frame of readTape(SAMPLE).frames) {
      const row = applyFrame(rows, frame)
      if (row !== null) rows.set(row.symbol, row)
    }
    expect(rows.get('AAA')).toEqual({ symbol: 'AAA', last: 1.58, bid: 1.5, ask: 1.6, volume: 12.5, at: 104_000 })
  })

  it('plays at its pace times the speed, waits where it is told to, and keeps its final values', () => {
    vi.useFakeTimers()
    const changes: Row[] = []
    const feed = play(readTape(SAMPLE), 'sample', 2, (rows) => changes.push(...rows))
    try {
      vi.advanceTimersByTime(450)
      expect(changes.map(({ at }) => at)).toEqual([101_000])
      vi.advanceTimersByTime(100)
      expect(changes.map(({ at }) => at)).toEqual([101_000, 102_000])
      feed.holdAt(0.6)
      vi.advanceTimersByTime(60_000)
      expect([feed.progress(), feed.ended(), feed.rows.get('AAA')?.last]).toEqual([0.6, false, 1.57])
      feed.holdAt(1)
      vi.advanceTimersByTime(60_000)
      expect([feed.ended(), feed.rows.get('AAA')?.last]).toEqual([true, 1.58])
      expect(feed.source.label).toBe('Tape sample (2 lines skipped)')
    } finally {
      feed.stop()
      vi.useRealTimers()
    }
  })

  const recorded = fileURLToPath(new URL('../../../shared/data/binance/', import.meta.url))
  it.skipIf(!existsSync(recorded))('recorded at an exchange is read whole (skipped without ../shared/data/binance)', () => {
    const counts = ['BINANCE.ws.1.0', 'BINANCE_US.ws.1.0', 'BINANCE_FUTURES.ws.1.0'].map((name) => {
      const { frames, skipped } = readTape(readFileSync(recorded + name, 'utf8'))
      return [frames.length, skipped]
    })
    expect(counts).toEqual([[265, 0], [480, 0], [1_535, 0]])
  })
})
