/** Plays worlds, and counts what came up in them. */
import { type Outcome, runWorld } from './world.ts'

/** What came up in all worlds together. */
export interface Coverage {
  readonly worlds: number
  readonly faults: Map<string, number>
  readonly pairs: Map<string, number>
  readonly outcomes: Map<string, number>
}

const add = (counts: Map<string, number>, name: string, times = 1): void => void counts.set(name, (counts.get(name) ?? 0) + times)

/** Plays the worlds of `count` seeds from `first` on. `look` sees each. @throws Error for the first in which a rule is broken. */
export async function runWorlds(first: number, count: number, look: (outcome: Outcome) => void = () => undefined): Promise<Coverage> {
  const coverage: Coverage = { worlds: count, faults: new Map(), pairs: new Map(), outcomes: new Map() }
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await runWorld(seed)
    for (const [name, times] of outcome.faults) add(coverage.faults, name, times)
    for (const [name, times] of outcome.outcomes) add(coverage.outcomes, name, times)
    for (const pair of outcome.pairs) add(coverage.pairs, pair)
    look(outcome)
  }
  return coverage
}

const PHASES = ['idle', 'authorizing', 'dialing', 'greeting', 'open', 'waiting', 'paused', 'closing', 'failed']

/** The coverage as a report: which signal came in which phase (in how many worlds), which faults, which fates. */
export function report({ worlds, faults, pairs, outcomes }: Coverage): string {
  const signals = [...new Set([...pairs.keys()].map((pair) => pair.split(' + ')[1] as string))].toSorted()
  const rows = signals.map((signal) => `| ${signal} | ${PHASES.map((phase) => pairs.get(`${phase} + ${signal}`) ?? '').join(' | ')} |`)
  const list = (counts: Map<string, number>): string => [...counts].toSorted(([, a], [, b]) => b - a).map(([name, times]) => `${times} x ${name}`).join(', ')
  return [
    `${worlds} worlds, no rule broken`, '', `| signal | ${PHASES.join(' | ')} |`, `| --- |${' --- |'.repeat(PHASES.length)}`, ...rows, '',
    `${pairs.size} pairs of phase and signal`, `faults: ${list(faults)}`, `fates: ${list(outcomes)}`,
  ].join('\n')
}
