/**
 * Whether the rules can be broken at all: the engine, or the server, is changed for the worse in one place, and
 * some world must notice. A mutation whose place is gone fails too, so that none becomes a check of nothing.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Plugin, createServer } from 'vite'
import { describe, expect, it } from 'vitest'
import { ENTRIES } from '../../vite.config.ts'

interface Mutation {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
  /** The rule that must be seen broken. */
  readonly breaks: RegExp
}

const MUTATIONS: readonly Mutation[] = [
  {
    name: 'messages without an answer are sent again to a server that has lost its memory', file: 'core/delivery.ts',
    from: 'attempted !== null && attempted.resultsEpoch === memory.epoch && time', to: 'attempted !== null && time',
    breaks: /handled twice at all/,
  },
  {
    name: 'the server forgets what it has begun', file: 'server/results.ts',
    from: "        join(known, session)\n        return 'running'\n      }\n      forget", to: "        join(known, session)\n        return 'new'\n      }\n      forget",
    breaks: /handled twice within one resultsEpoch/,
  },
  {
    name: 'what was sent goes back into the queue behind the rest', file: 'core/outbox.ts',
    from: '  else own.slots.unshift(slot)', to: '  else own.slots.push(slot)',
    breaks: /order they were sent/,
  },
  {
    name: 'messages go out again in another order than they came', file: 'core/delivery.ts',
    from: '    for (const one of unanswered.values()) look(one, orders)\n', to: '    for (const one of [...unanswered.values()].reverse()) look(one, orders)\n',
    breaks: /order they were sent/,
  },
  {
    name: 'a repeated message of a channel is handed on', file: 'core/position.ts',
    from: "  if (place.asking || offset <= place.offset) return 'seen'", to: "  if (place.asking) return 'seen'",
    breaks: /comes twice|out of order/,
  },
  {
    name: 'a hole in a channel is not noticed', file: 'core/position.ts',
    from: '  const hole = from > place.offset + 1\n', to: '  const hole = false\n',
    breaks: /missing without a gap/,
  },
  {
    name: 'a channel is joined afresh after an outage', file: 'engine/stream.ts',
    from: '...(epoch === null ? {} : { recover: { epoch, offset } })', to: '...(epoch === null || offset >= 0 ? {} : { recover: { epoch, offset } })',
    breaks: /hole/,
  },
  {
    name: 'a lost history is not announced', file: 'core/position.ts',
    from: '  if (before === null) return null\n', to: '  if (before !== undefined) return null\n',
    breaks: /missing without a gap|began anew|heard the last message/,
  },
  {
    name: 'the server does not hold back what is published while it reads', file: 'server/followers.ts',
    from: 'for (const entry of entries) held.push({ epoch, entry })', to: 'void epoch',
    breaks: /hole where nothing was lost|heard the last message|has its reason/,
  },
  {
    name: 'the server takes a follower to hold more than it was given', file: 'server/followers.ts',
    from: '  if (already === 0 && top > followers.held.offset) ahead.set(number, top)', to: '  if (already === 0) ahead.set(number, top + 1)',
    breaks: /hole where nothing was lost|heard the last message/,
  },
  {
    name: 'a message on its way when the socket goes is forgotten', file: 'core/delivery.ts',
    from: "        become(one, 'stranded', Infinity)\n", to: '        remove(one)\n',
    breaks: /every promise is answered|called delivered|one outcome|persisted has an outcome/,
  },
  {
    name: 'expired messages that were sent are called expired', file: 'core/delivery.ts',
    from: '        if (isExpired && one.unhandled) expired.push(remove(one))', to: '        if (isExpired) expired.push(remove(one))',
    breaks: /called expired that was handled/,
  },
  {
    name: 'messages are marked as attempted while there is no socket', file: 'engine/outbound.ts',
    from: '    if (parts.socket() === undefined) return false\n    const free', to: '    if (persistence?.isMarked(waiting(outbox, isHeld), resultsEpoch, 256, resume) === false || parts.socket() === undefined) return false\n    const free',
    breaks: /never reached a socket|order they were sent/,
  },
  {
    name: 'messages that were marked for a socket stay so when it is gone', file: 'engine/outbound.ts',
    from: '        if (message.stored) persistence?.note(message)\n      }\n    },\n    acknowledged', to: '      }\n    },\n    acknowledged',
    breaks: /never reached a socket/,
  },
  {
    name: 'the outbox has no bound', file: 'core/outbox.ts',
    from: '  if (!fits()) {\n', to: '  if (!fits() && outbox.count > 100_000) {\n',
    breaks: /keeps its bound/,
  },
  {
    name: 'a message is removed from the disk before it has its outcome', file: 'engine/outbound.ts',
    from: '    ids.know(message.id)\n', to: '    ids.know(message.id)\n    persistence?.release(message.id)\n',
    breaks: /persisted has an outcome|called expired that was handled/,
  },
]

const root = fileURLToPath(new URL('../../', import.meta.url))
const WORLDS_MOST = 1_200

/** The worlds, with one place of the sources changed. */
async function mutated({ file, from, to }: Mutation): Promise<{ readonly runWorld: (seed: number) => Promise<unknown>; close(): Promise<void> }> {
  const path = `${root}src/${file}`
  if (!readFileSync(path, 'utf8').includes(from)) throw new Error(`src/${file} has no longer what this mutation changes`)
  const plugin: Plugin = { name: 'mutation', transform: (code, id) => (id === path ? code.replace(from, () => to) : undefined), enforce: 'pre' }
  const server = await createServer({
    root, configFile: false, logLevel: 'silent', plugins: [plugin], server: { middlewareMode: true, watch: null, hmr: false, ws: false },
    resolve: { alias: Object.entries(ENTRIES).map(([name, source]) => ({ find: new RegExp(`^${name}$`), replacement: `${root}src/${source}` })) },
    optimizeDeps: { noDiscovery: true },
  })
  const { runWorld } = await server.ssrLoadModule('/tests/simulation/pair/world.ts') as { runWorld: (seed: number) => Promise<unknown> }
  return { runWorld, close: () => server.close() }
}

/** The first rule that is seen broken; empty where none is. */
async function firstBroken(runWorld: (seed: number) => Promise<unknown>): Promise<string> {
  for (let seed = 1; seed <= WORLDS_MOST; seed++) {
    const broken = await runWorld(seed).then(() => '', (error: Error) => error.message)
    if (broken !== '') return broken
  }
  return ''
}

describe('the rules notice when', () => {
  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))('%s', async (_, mutation) => {
    const { runWorld, close } = await mutated(mutation)
    const broken = await firstBroken(runWorld)
    await close()
    expect(broken).toMatch(mutation.breaks)
  }, 120_000)
})
