/**
 * The last hour of a connection, for pictures of it: what was shown when, and how long round trips took. Bounded: ten
 * round trips for each ten seconds, and a thousand changes of state.
 */
import { DISPLAY_POLICY, type Cause, type Display, type DisplayFacts, type DisplayMachine, type DisplayState, createDisplay, displayStep } from './display.ts'
import { UplinkError } from './errors.ts'
import type { Transition } from './history.ts'

/** How far a record goes back. */
export const RECORD_MS = 3_600_000

/** Round trips are gathered for this long into one point. */
export const RECORD_STEP_MS = 10_000

const SPANS_MOST = 1_000
const SAMPLES_MOST = 10
const AT_ONCE = { grace: 0, dwell: 0 }
/** One more than an hour has, because the hour moves within a step. */
const STEPS_MOST = RECORD_MS / RECORD_STEP_MS + 1

/** A time during which one state was shown. Times are epoch ms. */
export interface StateSpan {
  readonly state: DisplayState
  readonly cause: Cause
  readonly from: number
  /** `null`: it goes on. */
  readonly to: number | null
  /** Drops that healed before they had to be shown, and how long they took together, in ms. */
  readonly drops: number
  readonly droppedMs: number
}

/** The round trips of ten seconds, in ms. */
export interface LatencyPoint {
  /** When the ten seconds began, epoch ms. */
  readonly at: number
  readonly low: number
  readonly median: number
  readonly high: number
}

/** What is known of the last hour. Times are epoch ms, durations ms. */
export interface ConnectionRecord {
  /** The hour; it moves in steps of ten seconds. */
  readonly from: number
  readonly until: number
  /** Oldest first. Where there is none, nothing is known. */
  readonly spans: readonly StateSpan[]
  /** Oldest first. Ten seconds without a round trip have no point. */
  readonly latency: readonly LatencyPoint[]
  readonly p50: number | null
  readonly p95: number | null
  readonly highest: number | null
  /** Share of the wanted time in which it was connected, 0 to 1; `null` while nothing is known. */
  readonly availability: number | null
}

/** A record of nothing; also what a server renders. */
export const EMPTY_RECORD: ConnectionRecord = Object.freeze({
  from: 0, until: 0, spans: [], latency: [], p50: null, p95: null, highest: null, availability: null,
})

interface Step {
  readonly at: number
  count: number
  low: number
  high: number
  readonly samples: number[]
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** A record that is being made; changed in place by the functions here. */
export interface Recording {
  readonly spans: Array<Mutable<StateSpan>>
  readonly steps: Step[]
  /** When the socket went, while that is not shown yet. */
  downSince: number | null
  /** Why it went. What fails afterwards are attempts, and says less. */
  downCause: Cause
}

/** A recording of nothing yet. */
export function createRecording(): Recording {
  return { spans: [], steps: [], downSince: null, downCause: 'none' }
}

/** Takes in what is shown from `at` on. An outage is dated from when it began, not from when it was shown. */
export function noteDisplay({ spans, downCause }: Recording, { state, cause, outageSince }: Display, at: number): void {
  const last = spans.at(-1)
  if (last === undefined && state === 'disconnected') return
  if (last?.state === state) {
    if (last.cause === 'none') last.cause = cause
    return
  }
  const isOutage = last?.state === 'connected' && outageSince !== null
  const began = isOutage ? Math.max(last.from, outageSince) : at
  if (last !== undefined) last.to = began
  // What was over as it began was nothing: the state before it may go on.
  if (last?.from === began) spans.pop()
  const before = spans.at(-1)
  if (before?.state === state) before.to = null
  else spans.push({ state, cause: isOutage && downCause !== 'none' ? downCause : cause, from: began, to: null, drops: 0, droppedMs: 0 })
  if (spans.length > SPANS_MOST) spans.shift()
}

/** Takes in whether the socket is there; a drop that is over before it was shown is counted. */
export function noteSocket(recording: Recording, facts: DisplayFacts, at: number): void {
  const { spans, downSince } = recording
  const last = spans.at(-1)
  if (facts.state !== 'connected') {
    if (downSince !== null) return
    recording.downSince = at
    recording.downCause = displayStep(createDisplay(), facts, at, AT_ONCE).shown.cause
    return
  }
  if (downSince !== null && last?.state === 'connected' && last.from <= downSince) {
    last.drops++
    last.droppedMs += at - downSince
  }
  recording.downSince = null
}

/** Takes in a round trip. */
export function noteRoundTrip({ steps }: Recording, roundTripMs: number, at: number): void {
  const begin = Math.floor(at / RECORD_STEP_MS) * RECORD_STEP_MS
  let step = steps.at(-1)
  // A clock that was put back writes on into the step it has reached.
  if (step === undefined || step.at < begin) steps.push(step = { at: begin, count: 0, low: Infinity, high: 0, samples: [] })
  if (steps.length > STEPS_MOST) steps.shift()
  step.samples[step.count++ % SAMPLES_MOST] = roundTripMs
  step.low = Math.min(step.low, roundTripMs)
  step.high = Math.max(step.high, roundTripMs)
}

/** Takes in what happened before anybody listened, by showing it to a display as if it happened again. */
export function noteHistory(recording: Recording, history: readonly Transition[], now: number): void {
  let machine: DisplayMachine = createDisplay()
  let error: UplinkError | null = null
  let everConnected = history[0]?.from === 'open'
  const step = (facts: DisplayFacts, at: number): void => {
    machine = displayStep(machine, facts, at, DISPLAY_POLICY)
    noteDisplay(recording, machine.shown, at)
  }
  history.forEach(({ at, state, to, attempt, code }, index) => {
    everConnected ||= state === 'connected'
    // What has failed is remembered until it is mended, or nobody wants it any more.
    const isOver = state === 'connected' || state === 'disconnected'
    error = code !== null ? new UplinkError(code, '') : isOver ? null : error
    const facts: DisplayFacts = {
      state, phase: to, attempt, retryAt: null, everConnected, catchingUp: false, network: 'unknown', error, breakerOpen: state === 'error' && to === 'waiting',
    }
    noteSocket(recording, facts, at)
    step(facts, at)
    const next = history[index + 1]?.at ?? now
    while (machine.deadline < next) step(facts, machine.deadline)
  })
}

/** Nearest-rank percentile of sorted values. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

const ascending = (a: number, b: number): number => a - b

function availabilityOf(spans: readonly StateSpan[], from: number, now: number): number | null {
  let wanted = 0
  let connected = 0
  for (const { state, from: began, to, droppedMs } of spans) {
    const ms = Math.max(0, (to ?? now) - Math.max(began, from))
    if (state === 'disconnected' || state === 'disconnecting') continue
    wanted += ms
    if (state === 'connected' || state === 'catching_up') connected += Math.max(0, ms - droppedMs)
  }
  return wanted > 0 ? connected / wanted : null
}

/** The hour before `now` (epoch ms); what is older is forgotten. */
export function recordAt(recording: Recording, now: number): ConnectionRecord {
  const until = Math.ceil(now / RECORD_STEP_MS) * RECORD_STEP_MS
  const from = until - RECORD_MS
  const { spans, steps } = recording
  while (spans[0] !== undefined && spans[0].to !== null && spans[0].to <= from) spans.shift()
  while (steps[0] !== undefined && steps[0].at < from) steps.shift()
  const latency = steps.map(({ at, low, high, samples }) => ({ at, low, high, median: percentile(samples.slice().sort(ascending), 0.5) ?? low }))
  const all = steps.flatMap(({ samples }) => samples).sort(ascending)
  return {
    from, until, latency,
    spans: spans.map((span) => ({ ...span })),
    p50: percentile(all, 0.5),
    p95: percentile(all, 0.95),
    highest: latency.length === 0 ? null : Math.max(...latency.map(({ high }) => high)),
    availability: availabilityOf(spans, from, now),
  }
}
