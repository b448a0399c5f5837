/**
 * `npm test`: every check of the project, one after the other, and one line that sums them up.
 * `npm test -- lint node` runs only the steps named.
 *
 * A step without tests of its own (lint, typecheck, …) counts as one. The numbers of the others are read
 * from vitest's JSON reports in `reports/`; a step that ran no test has failed.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Outcome, type Report, outcome } from './outcome.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const reports = join(root, 'reports')

interface Step {
  readonly name: string
  readonly command: readonly string[]
  /** Where the step writes its report, if it writes one. */
  readonly report?: string
}

const script = (name: string): Step => ({ name, command: ['npm', 'run', '--silent', name] })
const project = (name: string, ...flags: readonly string[]): Step => ({
  name,
  report: join(reports, `${name}.json`),
  command: [
    process.execPath, join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', `${name}*`,
    '--reporter=default', '--reporter=json', `--outputFile.json=${join(reports, `${name}.json`)}`, ...flags,
  ],
})

/** What fails quickly comes first, and the build before what needs it. */
const STEPS: readonly Step[] = [
  script('lint'), script('typecheck'), script('build'),
  // More workers than a machine with two cores would get: half of the time goes into waiting for servers that are gone, hang or come back.
  project('node', '--maxWorkers=3'), project('types'), project('package'), project('browser'), project('stories'), project('e2e'),
  script('build-storybook'),
]

/** A report as it was written, or null where there is none. */
function read(path: string): Report | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return null
  }
}

function run({ name, command: [program = '', ...args], report }: Step): Outcome & { name: string; seconds: number } {
  const began = performance.now()
  console.log(`\n== ${name}`)
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (error !== undefined) console.error(error.message)
  const told = report === undefined ? undefined : read(report)
  return { name, ...outcome(status ?? 1, told), seconds: (performance.now() - began) / 1_000 }
}

function main(names: readonly string[]): number {
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name))
  if (unknown.length > 0) {
    console.error(`no step is called ${unknown.join(', ')}; there are ${STEPS.map((step) => step.name).join(', ')}`)
    return 2
  }
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports, { recursive: true })
  const results = STEPS.filter((step) => names.length === 0 || names.includes(step.name)).map(run)
  console.log()
  for (const { name, passed, failed, skipped, skippedTitles, seconds } of results) {
    const verdict = failed === 0 ? 'ok    ' : 'FAILED'
    console.log(`${verdict} ${name.padEnd(16)} ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds.toFixed(1)} s)`)
    for (const title of skippedTitles) console.log(`       skipped: ${title}`)
  }
  const sum = (key: 'passed' | 'failed' | 'skipped'): number => results.reduce((total, result) => total + result[key], 0)
  const line = `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`
  writeFileSync(join(reports, 'summary.txt'), `${line}\n`)
  console.log(line)
  return sum('failed') === 0 ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
