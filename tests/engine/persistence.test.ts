import { describe, expect, it } from 'vitest'
import { persistence } from 'uplink/storage'
import type { MessageStorage, StorageChanges, StorageHost, StorageSession, StoredMessage, UplinkError } from 'uplink/engine'
import type { FakePlatform } from 'uplink/testing'
import { GREETING, type UplinkRig, settle, uplinkRig } from './uplink-rig.ts'

type Call = 'open' | 'adopt' | 'write' | 'reclaim' | 'wipe'

/** A storage in the hands of a test: one box of rows, and calls that can fail, hang, or lose rows to another page. */
interface Box extends MessageStorage {
  readonly rows: Map<string, StoredMessage>
  readonly calls: Call[]
  readonly writes: StorageChanges[]
  /** What each call does instead of working. */
  readonly faults: Map<Call, 'throw' | 'reject' | 'hang'>
  /** Ids that another page has adopted. */
  readonly stolen: Set<string>
  /** Whether the owner of the rows is gone, so that `adopt` takes them. */
  orphaned: boolean
  host: StorageHost | undefined
}

function createBox(): Box {
  const rows = new Map<string, StoredMessage>()
  const calls: Call[] = []
  const faults = new Map<Call, 'throw' | 'reject' | 'hang'>()
  const stolen = new Set<string>()
  function run<Value>(call: Call, work: () => Value): Promise<Value> {
    calls.push(call)
    const fault = faults.get(call)
    if (fault === 'throw') throw new Error(`${call} threw`)
    if (fault === 'hang') return new Promise(() => undefined)
    return fault === 'reject' ? Promise.reject(new Error(`${call} rejected`)) : Promise.resolve(work())
  }
  const session: StorageSession = {
    adopt: () => run('adopt', () => {
      const left = box.orphaned ? [...rows.values()].toSorted((a, b) => a.order - b.order) : []
      box.orphaned = false
      return left
    }),
    write: (changes) => run('write', () => {
      box.writes.push(structuredClone(changes))
      for (const row of changes.insert) rows.set(row.id, row)
      const lost = changes.update.filter(({ id }) => stolen.has(id)).map(({ id }) => id)
      for (const row of changes.update) if (!stolen.has(row.id)) rows.set(row.id, row)
      for (const id of changes.remove) rows.delete(id)
      return lost
    }),
    release: () => undefined,
    reclaim: () => run('reclaim', () => [...rows.keys()].filter((id) => !stolen.has(id))),
    wipe: () => run('wipe', () => rows.clear()),
  }
  const box: Box = {
    name: 'box', persistence, rows, calls, faults, stolen, writes: [], orphaned: false, host: undefined,
    open: (_, host) => run('open', () => {
      box.host = host
      return session
    }),
  }
  return box
}

interface Kept {
  readonly rigged: UplinkRig
  readonly persisted: string[]
  readonly errors: UplinkError[]
}

function kept(box: Box, greeting: () => object = () => GREETING): Kept {
  const rigged = uplinkRig({ storage: box, identity: 'ann' }, greeting)
  const persisted: string[] = []
  const errors: UplinkError[] = []
  rigged.connection.on('messagePersisted', ({ id }) => persisted.push(id))
  rigged.connection.on('error', (error) => errors.push(error))
  return { rigged, persisted, errors }
}

const codes = ({ errors }: Kept): string[] => errors.map(({ code }) => code)
const numbers = ({ rigged }: Kept): unknown[] => rigged.received('n').map(({ data }) => data)
const pass = async (clock: FakePlatform['clock'], ms = 50): Promise<void> => clock.advanceAsync(ms)

/** Connects, and loses the socket for good. */
async function away(made: Kept): Promise<void> {
  void made.rigged.connection.connect()
  await settle()
  made.rigged.connection.disconnect()
  await pass(made.rigged.platform.clock)
}

describe('a stored message', () => {
  it('is reported persisted once it is, in one write a tick, and removed once it has its outcome', async () => {
    const box = createBox()
    const made = kept(box)
    const { connection, platform, server } = made.rigged
    await away(made)
    for (const data of [1, 2, 3]) connection.send({ type: 'n', data, id: `id-${data}` })
    expect(made.persisted).toEqual([])
    await pass(platform.clock)
    expect(made.persisted).toEqual(['id-1', 'id-2', 'id-3'])
    expect(box.writes).toHaveLength(1)
    expect(connection.outbox()).toMatchObject({ queued: 3, persisted: 3 })
    void connection.connect()
    await pass(platform.clock)
    for (const data of [1, 2, 3]) server.socket().receive({ type: 'ack', id: `id-${data}` })
    await pass(platform.clock)
    expect(box.rows.size).toBe(0)
    expect(connection.outbox()).toMatchObject({ queued: 0, persisted: 0, delivered: 3 })
  })

  it('is marked as attempted, durably, before it is sent', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    made.rigged.connection.send({ type: 'n', data: 1, id: 'a' })
    await pass(made.rigged.platform.clock)
    expect(box.rows.get('a')?.attempted).toBeNull()
    box.faults.set('write', 'hang')
    void made.rigged.connection.connect()
    await pass(made.rigged.platform.clock, 1_000)
    expect(numbers(made)).toEqual([])
    box.faults.clear()
    await pass(made.rigged.platform.clock, 8_000)
    expect(numbers(made)).toEqual([1])
    expect(box.rows.get('a')?.attempted).toMatchObject({ resultsEpoch: 'E1' })
  })

  it('that a closed page left is adopted, in its order, and sent once', async () => {
    const box = createBox()
    const before = kept(box)
    await away(before)
    for (const data of [1, 2, 3]) before.rigged.connection.send({ type: 'n', data, id: `id-${data}` })
    await pass(before.rigged.platform.clock)
    box.orphaned = true
    const after = kept(box)
    void after.rigged.connection.connect()
    await pass(after.rigged.platform.clock)
    expect(numbers(after)).toEqual([1, 2, 3])
    expect(after.rigged.received('n').map(({ id }) => id)).toEqual(['id-1', 'id-2', 'id-3'])
  })

  it.each([
    ['E1', 'remembers it: it is sent again with its old id', [1]],
    ['E2', 'has lost its memory: the server is asked, and it is not sent', []],
  ])('that a page had sent when it died, and the server (%s) %s', async (resultsEpoch, _, sent) => {
    const box = createBox()
    const before = kept(box)
    void before.rigged.connection.connect()
    await settle()
    before.rigged.connection.send({ type: 'n', data: 1, id: 'a' })
    await pass(before.rigged.platform.clock)
    expect(box.rows.get('a')?.attempted).toMatchObject({ resultsEpoch: 'E1' })
    box.orphaned = true
    const after = kept(box, () => ({ ...GREETING, resultsEpoch }))
    void after.rigged.connection.connect()
    await pass(after.rigged.platform.clock)
    expect(numbers(after)).toEqual(sent)
    if (sent.length > 0) return
    expect(after.rigged.asked('status')).toMatchObject([{ ids: ['a'] }])
    after.rigged.server.socket().receive({ type: 'status', resultsEpoch, unseen: ['a'], running: [] })
    expect(after.rigged.events).toContainEqual(['unknown', 'a'])
    await pass(after.rigged.platform.clock)
    expect(box.rows.size).toBe(0)
  })

  it('that has expired meanwhile is not sent', async () => {
    const box = createBox()
    const before = kept(box)
    await away(before)
    before.rigged.connection.send({ type: 'n', data: 1 }, { ttl: 1_000 })
    await pass(before.rigged.platform.clock)
    box.orphaned = true
    const after = kept(box)
    after.rigged.platform.clock.stall(5_000)
    void after.rigged.connection.connect()
    await pass(after.rigged.platform.clock)
    expect(numbers(after)).toEqual([])
    expect(after.rigged.connection.outbox().expired).toBe(1)
  })

  it('that another page has adopted is not sent here, and its sender is told', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    const promise = made.rigged.connection.sendWithAck({ type: 'n', data: 1, id: 'a' })
    made.rigged.connection.send({ type: 'n', data: 2, id: 'b' })
    await pass(made.rigged.platform.clock)
    box.stolen.add('a')
    void made.rigged.connection.connect()
    await pass(made.rigged.platform.clock)
    expect(numbers(made)).toEqual([2])
    expect(await promise).toMatchObject({ outcome: 'dropped', error: { code: 'UPLINK_MESSAGE_DROPPED' } })
  })

  it('is let go of on pagehide; on pageshow those that are gone are dropped', async () => {
    const box = createBox()
    const made = kept(box)
    void made.rigged.connection.connect()
    await pass(made.rigged.platform.clock)
    made.rigged.server.socket().end()
    made.rigged.connection.send({ type: 'n', data: 1, id: 'a' })
    await pass(made.rigged.platform.clock, 10)
    expect(made.persisted).toEqual(['a'])
    made.rigged.platform.fire('pagehide')
    box.stolen.add('a')
    made.rigged.platform.fire('pageshow')
    await pass(made.rigged.platform.clock, 3_000)
    expect(made.rigged.events).toContainEqual(['dropped', 'a', 'adopted'])
    expect(numbers(made)).toEqual([])
  })

  it('is wiped with all others by forget(), and by nobody else', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    made.rigged.connection.send({ type: 'n', id: 'a' })
    await pass(made.rigged.platform.clock)
    await made.rigged.connection.forget()
    expect(box.rows.size).toBe(0)
    expect(made.rigged.events).toContainEqual(['dropped', 'a', 'forgotten'])
  })

  it('is not kept at all where its sender does not want it', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    made.rigged.connection.send({ type: 'n' }, { persist: false })
    await pass(made.rigged.platform.clock)
    expect(box.writes).toEqual([])
  })

  it('stays for the next page when this one is destroyed', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    made.rigged.connection.send({ type: 'n', id: 'a' })
    await pass(made.rigged.platform.clock)
    made.rigged.connection.destroy()
    await pass(made.rigged.platform.clock)
    expect([...box.rows.keys()]).toEqual(['a'])
    expect(made.rigged.platform.clock.pending()).toBe(0)
  })
})

describe('a storage that fails', () => {
  const calls: Call[] = ['open', 'adopt', 'write']
  it.each(calls.flatMap((call) => (['throw', 'reject', 'hang'] as const).map((fault) => [call, fault] as const)))('(%s: %s) is reported, and messages go out all the same', async (call, fault) => {
    const box = createBox()
    box.faults.set(call, fault)
    const made = kept(box)
    made.rigged.connection.send({ type: 'n', data: 1 })
    void made.rigged.connection.connect()
    await pass(made.rigged.platform.clock, 20_000)
    expect(numbers(made)[0]).toBe(1)
    expect(codes(made)).toContain('UPLINK_STORAGE_FAILED')
    expect(made.rigged.connection.snapshot().state).toBe('connected')
  })

  it('once is tried again, and then keeps what waits', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    box.faults.set('write', 'reject')
    made.rigged.connection.send({ type: 'n', id: 'a' })
    await pass(made.rigged.platform.clock, 1_000)
    expect(made.persisted).toEqual([])
    box.faults.clear()
    await pass(made.rigged.platform.clock, 10_000)
    expect(made.persisted).toEqual(['a'])
    expect(codes(made).filter((code) => code === 'UPLINK_STORAGE_FAILED')).toHaveLength(1)
  })

  it('never makes a promise of a message pending for ever', async () => {
    const box = createBox()
    for (const call of ['open', 'adopt', 'write', 'reclaim', 'wipe'] as const) box.faults.set(call, 'hang')
    const made = kept(box)
    await away(made)
    const promise = made.rigged.connection.sendWithAck({ type: 'n' }, { ttl: 30_000 })
    await pass(made.rigged.platform.clock, 31_000)
    expect(await promise).toMatchObject({ outcome: 'expired' })
  })
})
