/** Where the lines of a latency chart run. Times are epoch ms, latencies ms. */
import type { LatencyPoint } from 'uplink'

const TOPS = [10, 25, 50, 100, 250, 600, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000]

/** Points further apart than this many usual distances have nothing known between them. */
const GAP_FACTOR = 3
const GAP_LEAST_MS = 30_000

/** The picture is not made higher for what is this many times as slow as nearly all round trips. */
const OUTLIER_FACTOR = 10

/** A time of which nothing is known. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** Runs of points that belong together, and the gaps around them. */
export interface Course {
  readonly runs: ReadonlyArray<readonly LatencyPoint[]>
  readonly gaps: readonly Gap[]
  /** What is this near to a point is known, in ms. */
  readonly reachMs: number
}

/** The highest latency on the picture: round, and not so high that a single outlier flattens all others. */
export function topOf(highest: number | null, p95: number | null): number {
  const wanted = Math.min(highest ?? 0, Math.max(100, OUTLIER_FACTOR * (p95 ?? 0)))
  return TOPS.find((top) => top >= wanted * 1.05) ?? wanted
}

/**
 * Height of a latency as a share of the picture. It grows with the square root: among 50 ms a tenth of a second is to be
 * seen as well as a second is.
 */
export function heightOf(ms: number, top: number): number {
  return Math.sqrt(Math.min(ms, top) / top)
}

/** Splits points where the distance says that something is missing between them. */
export function courseOf(points: readonly LatencyPoint[], from: number, until: number): Course {
  const distances = points.slice(1).map(({ at }, index) => at - (points[index]?.at ?? at)).sort((a, b) => a - b)
  const most = Math.max(GAP_LEAST_MS, GAP_FACTOR * (distances[Math.floor(distances.length / 2)] ?? 0))
  const runs: LatencyPoint[][] = []
  const gaps: Gap[] = []
  let known = from
  for (const point of points) {
    const run = runs.at(-1)
    if (run !== undefined && point.at - known <= most) run.push(point)
    else runs.push([point])
    if (point.at - known > most) gaps.push({ from: known, to: point.at })
    known = point.at
  }
  if (until - known > most) gaps.push({ from: known, to: until })
  return { runs, gaps, reachMs: most / 2 }
}

/** The line through the medians of a run, and the area between its lowest and highest. */
export function pathsOf(run: readonly LatencyPoint[], x: (at: number) => number, y: (ms: number) => number): { readonly line: string; readonly area: string } {
  const spot = (at: number, ms: number): string => `${x(at).toFixed(2)} ${y(ms).toFixed(2)}`
  const [first] = run
  if (first === undefined) return { line: '', area: '' }
  // A single point is a line of hardly any length, so that its round ends show.
  const line = run.length === 1 ? `M${spot(first.at, first.median)}h0.01` : `M${run.map(({ at, median }) => spot(at, median)).join('L')}`
  const area = `M${[...run.map(({ at, high }) => spot(at, high)), ...run.slice().reverse().map(({ at, low }) => spot(at, low))].join('L')}Z`
  return { line, area }
}
