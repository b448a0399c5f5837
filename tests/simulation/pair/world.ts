/**
 * One seed, one world: real clients and the real server logic, with a simulated network, disk, clock and page
 * life between them. Faults come at random; the rules are checked after every step; then comes a calm in which
 * everything has to heal.
 */
import { createSimulatedDisk, createSimulatedNetwork, createVirtualClock, seededRandom } from 'uplink/testing'
import { createBackend } from './backend.ts'
import { type Page, createPage } from './page.ts'
import { createRules, insist } from './rules.ts'

/** What happened in a world. */
export interface Outcome {
  readonly faults: ReadonlyMap<string, number>
  /** `phase + signal` pairs that came up. */
  readonly pairs: ReadonlySet<string>
  readonly outcomes: ReadonlyMap<string, number>
  /** Frames the server sent, and those it got. */
  readonly frames: { readonly sent: readonly string[]; readonly received: readonly string[] }
}

const STEPS = 50
const CALM_MS = 400_000
const CHANNELS = ['a', 'b']

/** Runs the world of a seed. @throws Error that names the seed, the step and the broken rule. */
export async function runWorld(seed: number): Promise<Outcome> {
  const random = seededRandom(seed)
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value
  const clock = createVirtualClock()
  const rules = createRules()
  const backend = createBackend({ clock, random, rules })
  const network = createSimulatedNetwork({ clock, random, accept: (end) => backend.accept(end) })
  const disk = createSimulatedDisk({ clock, random })
  const pairs = new Set<string>()
  const faults = new Map<string, number>()
  const provider = { does: 'give' as 'give' | 'fail' | 'hang' | 'expired' | 'no' }
  let opened = 0

  function token(): Promise<string | null> | string | null {
    const { tokenMs = 3_600_000 } = backend.conditions
    const fresh = `ann|${clock.time() + tokenMs}`
    switch (provider.does) {
      case 'fail': return Promise.reject(new Error('the token service is down'))
      case 'hang': return new Promise(() => undefined)
      case 'expired': return 'ann|0'
      case 'no': return null
      default: return random() < 0.5 ? fresh : new Promise((resolve) => { clock.setTimer(() => resolve(fresh), random() * 500) })
    }
  }

  function open(): Page {
    const page = createPage({
      name: `page${++opened}`, seed: seed * 10 + opened, clock, network, disk: disk.page(), rules, random, token,
      signal: (phase, signal) => pairs.add(`${phase} + ${signal}`),
    })
    for (const channel of CHANNELS) if (random() < 0.7) page.follow(channel)
    page.connect()
    return page
  }

  const pages = [open(), open()]
  const some = (): Page => pick(pages)
  const publish = (times: number): void => { for (let time = 0; time < times; time++) backend.publish(pick(CHANNELS)) }
  const actions: Record<string, () => void> = {
    send: () => some().send(),
    'send a burst': () => { const page = some(); for (let time = 0; time < 12; time++) page.send() },
    'send more than fits': () => { const page = some(); for (let time = 0; time < 90; time++) page.send() },
    publish: () => publish(3),
    'publish a burst': () => publish(40),
    connect: () => some().connect(),
    disconnect: () => some().connection.disconnect(),
    'disconnect gracefully': () => some().connection.disconnect({ graceful: true }),
    reconnect: () => some().connection.reconnect(),
    follow: () => some().follow(pick(CHANNELS)),
    leave: () => some().leave(pick(CHANNELS)),
    'network: cut': () => network.cut(),
    'network: cut some': () => network.cut((link) => link % 2 === 0, pick([1001, 1006, 1011, 1013])),
    'network: half-open': () => network.silence(),
    'network: refuse': () => { network.conditions.admission = 'refuse' },
    'network: hang': () => { network.conditions.admission = 'hang' },
    'network: flap': () => { network.conditions.admission = 'flap' },
    'network: slow': () => { network.conditions.delayMs = [200, 1_500] },
    'network: congested': () => { network.conditions.bufferedAmount = 200_000 },
    'network: heal': () => { Object.assign(network.conditions, { admission: 'open', delayMs: [5, 40], bufferedAmount: 0 }) },
    'server: restart': () => { backend.restart({ results: true, streams: true }); network.cut() },
    'server: restart, results lost': () => { backend.restart({ results: false, streams: true }); network.cut() },
    'server: restart, streams lost': () => { backend.restart({ results: true, streams: false }); network.cut() },
    'server: restart, all lost': () => { backend.restart({ results: false, streams: false }); network.cut() },
    'server: stream begun anew': () => backend.reset(pick(CHANNELS)),
    'server: message lost on its way': () => { backend.loseOne(pick(CHANNELS)); rules.messageLost = true },
    'server: broker repeats itself': () => { backend.conditions.repeats = true; clock.setTimer(() => { backend.conditions.repeats = false }, 3_000) },
    'server: goodbye': () => { backend.goodbye(Math.round(random() * 5_000)); clock.setTimer(() => { backend.restart({ results: true, streams: true }); network.cut(() => true, 1012) }, 200) },
    'server: busy': () => { backend.conditions.busy = true; clock.setTimer(() => { backend.conditions.busy = false }, random() * 3_000) },
    'server: rejects': () => { backend.conditions.rejecting = true; clock.setTimer(() => { backend.conditions.rejecting = false }, 500) },
    'server: slow handlers': () => { backend.conditions.handlerMs = [0, 9_000]; clock.setTimer(() => { backend.conditions.handlerMs = [0, 5] }, 10_000) },
    // Everybody comes back to read them, while more is published.
    'server: slow histories': () => {
      backend.conditions.readMs = [0, 800]
      network.cut()
      for (let time = 0; time < 20; time++) clock.setTimer(() => publish(1), time * 200)
    },
    'server: short tokens': () => { backend.conditions.tokenMs = 15_000 },
    'server: refuses tokens': () => { backend.conditions.refusesTokens = true; clock.setTimer(() => { backend.conditions.refusesTokens = false }, 2_000) },
    'provider: fails': () => { provider.does = 'fail' },
    'provider: hangs': () => { provider.does = 'hang' },
    'provider: expired tokens': () => { provider.does = 'expired' },
    'provider: says no': () => { provider.does = 'no' },
    'provider: heals': () => { provider.does = 'give' },
    'disk: rejects': () => { disk.conditions.fault = 'reject'; rules.diskFailed = true },
    'disk: throws': () => { disk.conditions.fault = 'throw'; rules.diskFailed = true },
    'disk: hangs': () => { disk.conditions.fault = 'hang'; rules.diskFailed = true },
    'disk: slow': () => { disk.conditions.delayMs = [50, 1_500] },
    'disk: heals': () => { Object.assign(disk.conditions, { fault: 'none', delayMs: [1, 20] }) },
    'page: killed, another opened': () => { const at = Math.floor(random() * pages.length); pages[at]?.kill(); pages[at] = open() },
    'page: without network for several retries, then killed': () => {
      const at = Math.floor(random() * pages.length)
      const page = pages[at]
      network.conditions.admission = 'refuse'
      network.cut()
      for (let time = 0; time < 4; time++) page?.send()
      clock.setTimer(() => {
        network.conditions.admission = 'open'
        if (pages[at] !== page) return
        page?.kill()
        pages[at] = open()
        backend.restart({ results: false, streams: true })
        network.cut()
      }, 12_000)
    },
    'page: offline': () => some().platform.fire('offline'),
    'page: online': () => some().platform.fire('online'),
    'page: hidden': () => some().platform.fire('hidden'),
    'page: visible': () => some().platform.fire('visible'),
    'page: focus': () => some().platform.fire('focus'),
    'page: back/forward cache': () => some().putAway(random() * 20_000),
    'clock: stall': () => clock.stall(random() * 4_000),
    'clock: sleep': () => { clock.stall(200_000); clock.jump(200_000) },
    'clock: jump': () => clock.jump(pick([-3_600_000, 3_600_000])),
  }
  const names = Object.keys(actions)

  function check(): void {
    insist(rules.broken === null, rules.broken ?? '')
    for (const page of pages) page.check(opened)
  }

  let step = 0
  let doing = 'start'
  try {
    for (; step < STEPS; step++) {
      // Worlds in which nobody says anything prove little.
      doing = random() < 0.45 ? pick(['send', 'send a burst', 'publish']) : pick(names)
      faults.set(doing, (faults.get(doing) ?? 0) + 1)
      actions[doing]?.()
      check()
      await clock.advanceAsync(Math.floor(random() ** 3 * 8_000))
      check()
    }
    doing = 'calm'
    for (const heal of ['network: heal', 'provider: heals', 'disk: heals']) actions[heal]?.()
    Object.assign(backend.conditions, { busy: false, rejecting: false, refusesTokens: false, repeats: false, handlerMs: [0, 5], readMs: [0, 10], tokenMs: undefined })
    await clock.advanceAsync(30_000)
    for (const page of pages) {
      for (const event of ['pageshow', 'visible', 'online'] as const) page.platform.fire(event)
      page.connect()
    }
    await clock.advanceAsync(60_000)
    // Whoever was refused for good is signed in again by hand.
    for (const page of pages) if (page.connection.snapshot().phase === 'failed') page.connection.reconnect()
    await clock.advanceAsync(CALM_MS)
    // A last message that was lost shows only in the next one.
    if (rules.messageLost) for (const channel of CHANNELS) backend.publish(channel)
    await clock.advanceAsync(5_000)
    check()
    for (const page of pages) {
      page.healed()
      insist(page.pending() === 0, 'in a calm every promise is answered')
      for (const channel of page.followed()) {
        const last = rules.last(page.name, channel)
        const top = backend.top(channel)
        insist(last === null || (last.epoch === top?.epoch && last.offset === top.offset), 'in a calm everybody has heard the last message')
      }
    }
    for (const { persisted, outcome } of rules.sent.values()) {
      insist(!persisted || (outcome !== null && !outcome.startsWith('handed over')), 'what was called persisted has an outcome, whatever became of its page')
    }
    insist(disk.rows().length === 0, 'in a calm nothing is left on the disk')
    for (const page of pages) page.connection.destroy()
    await clock.advanceAsync(60_000)
    insist(clock.pending() === 0 && network.alive().length === 0, `destroy() leaves nothing: ${clock.pending()} timers, ${network.alive().length} sockets`)
    insist(pages.every(({ platform }) => platform.listeners() === 0), 'destroy() leaves no listener')
  } catch (error) {
    throw new Error(`seed ${seed}, step ${step} (${doing}): ${(error as Error).message}`, { cause: error })
  }
  const outcomes = new Map<string, number>()
  for (const { outcome } of rules.sent.values()) outcomes.set(outcome ?? 'page gone', (outcomes.get(outcome ?? 'page gone') ?? 0) + 1)
  return { faults, pairs, outcomes, frames: backend.frames }
}
