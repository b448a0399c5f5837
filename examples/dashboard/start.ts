/** `npm start`: reads the flags, builds the page, starts the demo, prints where it is. */
import { type Demo, type DemoOptions, buildPage, startDemo } from './demo.ts'
import { HELP, readFlags } from './flags.ts'

/** Ends with a sentence that says what is wrong. */
function refuse(error: unknown): never {
  console.error(`${(error as Error).message}\n\n${HELP}`)
  process.exit(2)
}

function optionsOrExit(): DemoOptions {
  try {
    const options = readFlags(process.argv.slice(2))
    if (options !== null) return options
  } catch (error) {
    return refuse(error)
  }
  console.log(HELP)
  return process.exit(0)
}

const options = optionsOrExit()
const folder = await buildPage()
const demo: Demo = await startDemo(options, folder).catch(refuse)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void demo.stop().then(() => process.exit(0)))
console.log(demo.feed.source.label)
console.log(demo.url)
