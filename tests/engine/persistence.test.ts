import { describe, expect, it } from 'vitest'
import { persistence } from 'uplink/storage'
import type { ConnectionOptions, MessageStorage, StorageChanges, StorageHost, StorageSession, StoredMessage, UplinkError } from 'uplink/engine'
import { memory } from 'uplink/storage/memory'
import { type FakePlatform, createFakePlatform } from 'uplink/testing'
import type { OutboxMessage } from '../../src/core/outbox.ts'
import { createLedger } from '../../src/storage/ledger.ts'
import { GREETING, type UplinkRig, settle, uplinkRig } from './uplink-rig.ts'

type Call = 'open' | 'adopt' | 'write' | 'reclaim' | 'wipe' | 'release'

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
    release: () => {
      calls.push('release')
      if (faults.get('release') === 'throw') throw new Error('release threw')
    },
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
  readonly network: { refuses: boolean }
}

function kept(box: MessageStorage, greeting: () => object = () => GREETING, options: Partial<ConnectionOptions> = {}): Kept {
  const network = { refuses: false }
  const rigged = uplinkRig({ storage: box, identity: 'ann', ...options }, greeting, (socket) => { if (network.refuses) socket.end(); else socket.open() })
  const persisted: string[] = []
  const errors: UplinkError[] = []
  rigged.connection.on('messagePersisted', ({ id }) => persisted.push(id))
  rigged.connection.on('error', (error) => errors.push(error))
  return { rigged, persisted, errors, network }
}

const codes = ({ errors }: Kept): string[] => errors.map(({ code }) => code)
const numbers = ({ rigged }: Kept): unknown[] => rigged.received('n').map(({ data }) => data)
const pass = async (clock: FakePlatform['clock'], ms = 50): Promise<void> => clock.advanceAsync(ms)

/** Connects, and loses the network. */
async function away(made: Kept): Promise<void> {
  void made.rigged.connection.connect()
  await settle()
  made.network.refuses = true
  made.rigged.server.socket().end()
  await pass(made.rigged.platform.clock)
}

/** The network is back. */
function back(made: Kept): void {
  made.network.refuses = false
  made.rigged.connection.reconnect()
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
    back(made)
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
    back(made)
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
    back(made)
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

describe('a message that never reached a socket', () => {
  it('is not marked as attempted, however often and long it was tried, and goes out from the next page whatever the server remembers', async () => {
    const box = createBox()
    const before = kept(box)
    before.network.refuses = true
    void before.rigged.connection.connect()
    before.rigged.connection.send({ type: 'n', data: 1, id: 'a' })
    before.rigged.connection.send({ type: 'n', data: 2, id: 'b' }, { ack: false })
    await pass(before.rigged.platform.clock, 60_000)
    expect(before.rigged.server.sockets.length).toBeGreaterThan(3)
    expect([...box.rows.values()].map(({ attempted }) => attempted)).toEqual([null, null])
    box.orphaned = true
    const after = kept(box, () => ({ ...GREETING, resultsEpoch: 'E2' }))
    void after.rigged.connection.connect()
    await pass(after.rigged.platform.clock)
    expect(numbers(after)).toEqual([1, 2])
    expect(after.rigged.events.filter(([name]) => name === 'unknown')).toEqual([])
  })

  it('is unmarked again when the socket it was marked for is gone', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    made.rigged.connection.send({ type: 'n', data: 1, id: 'a' })
    await pass(made.rigged.platform.clock)
    box.faults.set('write', 'hang')
    back(made)
    await pass(made.rigged.platform.clock, 100)
    made.network.refuses = true
    made.rigged.server.socket().end()
    await pass(made.rigged.platform.clock, 3_000)
    box.faults.clear()
    await pass(made.rigged.platform.clock, 10_000)
    expect(numbers(made)).toEqual([])
    expect(box.rows.get('a')?.attempted).toBeNull()
  })

  it('is not marked before its turn', async () => {
    const box = createBox()
    const made = kept(box, () => GREETING, { maxInFlight: 2 })
    await away(made)
    for (const data of [1, 2, 3, 4]) made.rigged.connection.send({ type: 'n', data })
    await pass(made.rigged.platform.clock)
    back(made)
    await pass(made.rigged.platform.clock)
    expect(numbers(made)).toEqual([1, 2])
    expect([...box.rows.values()].map(({ attempted }) => attempted === null)).toEqual([false, false, true, true])
  })

  it('and was put back because the socket refused it is kept like any other', async () => {
    const box = createBox()
    const made = kept(box)
    void made.rigged.connection.connect()
    await pass(made.rigged.platform.clock)
    made.rigged.connection.send({ type: 'n', data: 1, id: 'a' })
    made.rigged.connection.send({ type: 'n', data: 2, id: 'b' }, { ack: false })
    made.network.refuses = true
    made.rigged.server.socket().end()
    await pass(made.rigged.platform.clock)
    expect(made.rigged.connection.outbox()).toMatchObject({ queued: 2, inFlight: 0, persisted: 2 })
    expect([...box.rows.values()].map(({ attempted }) => attempted)).toEqual([null, null])
    back(made)
    await pass(made.rigged.platform.clock)
    expect(numbers(made)).toEqual([1, 2])
  })
})

describe('a connection that is destroyed', () => {
  it('says of what is kept that it is kept, and of the rest that it is not', async () => {
    const box = createBox()
    const made = kept(box)
    const { connection, platform } = made.rigged
    void connection.connect()
    await pass(platform.clock)
    const flying = connection.sendWithAck({ type: 'n', id: 'flying' })
    const gone = connection.sendWithAck({ type: 'n', id: 'gone' }, { persist: false })
    await pass(platform.clock)
    made.network.refuses = true
    made.rigged.server.socket().end()
    const waits = connection.sendWithAck({ type: 'n', id: 'waits' })
    const memory = connection.sendWithAck({ type: 'n', id: 'memory' }, { persist: false })
    await pass(platform.clock)
    const late = connection.sendWithAck({ type: 'n', id: 'late' })
    const told: string[] = []
    connection.on('messageKept', ({ id }) => told.push(id))
    connection.destroy()
    expect((await Promise.all([flying, gone, waits, memory, late])).map(({ outcome }) => outcome)).toEqual(['kept', 'unknown', 'kept', 'dropped', 'dropped'])
    expect(await waits).toMatchObject({ acknowledged: false, error: { code: 'UPLINK_MESSAGE_KEPT' } })
    expect(told).toEqual(['waits', 'flying'])
    expect(connection.outbox()).toMatchObject({ kept: 2, dropped: 2, unknown: 1 })
    await pass(platform.clock)
    expect([...box.rows.keys()].toSorted()).toEqual(['flying', 'waits'])
    expect(box.calls.at(-1)).toBe('release')
    expect(platform.clock.pending()).toBe(0)
  })

  it('leaves no message behind that it called dropped, not even one that was just being written or replaced', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    const { connection, platform } = made.rigged
    connection.send({ type: 'n', id: 'old' }, { key: 'k' })
    await pass(platform.clock)
    connection.send({ type: 'n', id: 'new' }, { key: 'k' })
    platform.clock.advance(0)
    connection.destroy()
    await pass(platform.clock)
    expect(made.rigged.events.filter(([name]) => name === 'dropped')).toEqual([['dropped', 'old', 'replaced'], ['dropped', 'new', 'disconnected']])
    expect([...box.rows.keys()]).toEqual([])
    expect(box.calls.at(-1)).toBe('release')
  })

  it('hands over to the next one of the same page what it kept, which is then delivered', async () => {
    const storage = memory()
    const before = kept(storage)
    await away(before)
    const promise = before.rigged.connection.sendWithAck({ type: 'n', data: 1 })
    await pass(before.rigged.platform.clock)
    before.rigged.connection.destroy()
    expect(await promise).toMatchObject({ outcome: 'kept' })
    const after = kept(storage)
    void after.rigged.connection.connect()
    await pass(after.rigged.platform.clock)
    expect(numbers(after)).toEqual([1])
  })
})

describe('a page that does not want its connection', () => {
  it('lets go of what it keeps, looks for nothing, and claims it again on connect()', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    const { connection, platform } = made.rigged
    connection.send({ type: 'n', data: 1, id: 'a' })
    await pass(platform.clock)
    connection.disconnect()
    await pass(platform.clock)
    expect(box.calls.at(-1)).toBe('release')
    box.calls.length = 0
    await pass(platform.clock, 60_000)
    expect(box.calls).toEqual([])
    made.network.refuses = false
    void connection.connect()
    await pass(platform.clock)
    expect(box.calls.slice(0, 2)).toEqual(['reclaim', 'adopt'])
    expect(numbers(made)).toEqual([1])
  })

  it('leaves them to one that does', async () => {
    const storage = memory()
    const [idle, live] = [kept(storage), kept(storage)]
    await away(idle)
    const promise = idle.rigged.connection.sendWithAck({ type: 'n', data: 1 }, { ttl: 10_000 })
    await pass(idle.rigged.platform.clock)
    idle.rigged.connection.disconnect()
    await pass(idle.rigged.platform.clock)
    void live.rigged.connection.connect()
    await pass(live.rigged.platform.clock)
    expect(numbers(live)).toEqual([1])
    await pass(idle.rigged.platform.clock, 10_000)
    // Not expired: for all this page knows, another has sent it.
    expect(await promise).toMatchObject({ outcome: 'kept' })
    back(idle)
    await pass(idle.rigged.platform.clock)
    expect(numbers(idle)).toEqual([])
  })

  it('lets go when it was refused for good, too', async () => {
    const box = createBox()
    const made = kept(box)
    void made.rigged.connection.connect()
    await pass(made.rigged.platform.clock)
    made.rigged.server.socket().end({ code: 4403 })
    await pass(made.rigged.platform.clock)
    expect(made.rigged.connection.snapshot().state).toBe('error')
    expect(box.calls.at(-1)).toBe('release')
  })

  it('does not let go of what it could not write down', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    const { connection, platform } = made.rigged
    box.faults.set('write', 'reject')
    connection.send({ type: 'n', id: 'a' })
    connection.disconnect()
    await pass(platform.clock, 1_000)
    expect(box.calls).not.toContain('release')
    box.faults.clear()
    await pass(platform.clock, 6_000)
    expect([...box.rows.keys()]).toEqual(['a'])
    expect(box.calls.at(-1)).toBe('release')
  })

  it('and comes back without pageshow claims what it keeps all the same', async () => {
    const made = kept(memory())
    void made.rigged.connection.connect()
    await pass(made.rigged.platform.clock)
    made.rigged.server.socket().end()
    made.rigged.connection.send({ type: 'n', data: 1 }, { ttl: Infinity })
    made.rigged.platform.fire('pagehide')
    await pass(made.rigged.platform.clock, 120_000)
    made.rigged.connection.send({ type: 'n', data: 2 })
    await pass(made.rigged.platform.clock, 1_000)
    expect(made.rigged.connection.snapshot().state).toBe('connected')
    expect(new Set(numbers(made))).toEqual(new Set([1, 2]))
  })

  it('hears on when the storage throws at being let go of', async () => {
    const box = createBox()
    const made = kept(box)
    void made.rigged.connection.connect()
    await pass(made.rigged.platform.clock)
    box.faults.set('release', 'throw')
    made.rigged.platform.fire('pagehide')
    made.rigged.platform.fire('pageshow')
    await pass(made.rigged.platform.clock)
    expect(made.rigged.connection.snapshot().state).toBe('connected')
    expect(codes(made)).toContain('UPLINK_STORAGE_FAILED')
  })
})

describe('what is adopted', () => {
  const left = (row: Partial<StoredMessage>): StoredMessage => ({
    id: 'left', frame: '{"type":"n","data":"left"}', priority: 'normal', key: null, order: 1, createdAt: 0, expiresAt: null, tracked: true, idempotent: false, attempted: null, ...row,
  })

  it('gives way to what is newer, where both have one key', async () => {
    const box = createBox()
    box.rows.set('left', left({ key: 'k' }))
    box.orphaned = true
    const made = kept(box)
    made.rigged.connection.send({ type: 'n', data: 2, id: 'newer' }, { key: 'k' })
    void made.rigged.connection.connect()
    made.rigged.server.socket()
    await pass(made.rigged.platform.clock, 1_000)
    expect(made.rigged.events).toContainEqual(['dropped', 'left', 'replaced'])
    expect(numbers(made)).toEqual([2])
  })

  it.each([[true, ['left'], []], [false, [], [['unknown', 'left']]]])('and was sent without an answer goes out again if that does no harm (%s)', async (idempotent, sent, events) => {
    const box = createBox()
    box.rows.set('left', left({ tracked: false, idempotent, attempted: { at: 1, resultsEpoch: 'E1' } }))
    box.orphaned = true
    const made = kept(box)
    void made.rigged.connection.connect()
    await pass(made.rigged.platform.clock, 1_000)
    expect(numbers(made)).toEqual(sent)
    expect(made.rigged.events).toEqual(events)
    expect(box.rows.size).toBe(0)
  })
})

describe('forgetting', () => {
  it.each(['before connect()', 'while the storage is opened', 'while it is looked through'])('wipes %s, and nothing of it is sent', async (when) => {
    const box = createBox()
    const before = kept(box)
    await away(before)
    before.rigged.connection.send({ type: 'n', data: 1 })
    await pass(before.rigged.platform.clock)
    before.rigged.connection.destroy()
    box.orphaned = true
    box.calls.length = 0
    const made = kept(box)
    if (when !== 'before connect()') void made.rigged.connection.connect()
    if (when === 'while it is looked through') while (!box.calls.includes('adopt')) await Promise.resolve()
    const forgotten = made.rigged.connection.forget()
    await pass(made.rigged.platform.clock)
    await forgotten
    expect(box.rows.size).toBe(0)
    void made.rigged.connection.connect()
    await pass(made.rigged.platform.clock, 1_000)
    expect(numbers(made)).toEqual([])
    if (when === 'before connect()') expect(box.calls).toEqual(['open', 'wipe', 'release', 'reclaim', 'adopt'])
  })

  it.each([['open', 'hang'], ['open', 'reject'], ['wipe', 'hang'], ['wipe', 'throw']] as const)('says so when the storage does not do it (%s: %s), tries again, and keeps what is sent afterwards', async (call, fault) => {
    const box = createBox()
    const made = kept(box)
    if (call === 'wipe') await away(made)
    else made.network.refuses = true
    box.rows.set('old', { ...({} as StoredMessage), id: 'old' })
    box.faults.set(call, fault)
    const forgotten = made.rigged.connection.forget().then(() => 'done', ({ code }: UplinkError) => code)
    await pass(made.rigged.platform.clock, 2_100)
    expect(await forgotten).toBe('UPLINK_STORAGE_FAILED')
    expect(codes(made)).toContain('UPLINK_STORAGE_FAILED')
    expect([...box.rows.keys()]).toEqual(['old'])
    void made.rigged.connection.connect()
    made.rigged.connection.send({ type: 'n', id: 'new' })
    box.faults.clear()
    await pass(made.rigged.platform.clock, 20_000)
    expect([...box.rows.keys()]).toEqual(['new'])
  })

  it('with signedOut() also takes no message before somebody connects again', async () => {
    const box = createBox()
    const made = kept(box)
    const { connection, platform } = made.rigged
    void connection.connect()
    await pass(platform.clock)
    const forgotten = connection.signedOut()
    expect(connection.send({ type: 'n', data: 1 })).toMatchObject({ outcome: 'refused', reason: 'signed_out' })
    expect(await connection.sendWithAck({ type: 'n', data: 2 })).toMatchObject({ outcome: 'dropped', error: { code: 'UPLINK_SIGNED_OUT' } })
    await pass(platform.clock)
    await forgotten
    void connection.connect()
    connection.send({ type: 'n', data: 3 })
    await pass(platform.clock)
    expect(numbers(made)).toEqual([3])
  })

  it('is done although the connection is destroyed in the same breath', async () => {
    const box = createBox()
    const made = kept(box)
    await away(made)
    made.rigged.connection.send({ type: 'n', id: 'a' })
    await pass(made.rigged.platform.clock)
    void made.rigged.connection.signedOut()
    made.rigged.connection.destroy()
    await pass(made.rigged.platform.clock)
    expect(box.rows.size).toBe(0)
    expect(box.calls.at(-1)).toBe('release')
    expect(made.rigged.platform.clock.pending()).toBe(0)
  })
})

describe('a storage that fails', () => {
  it('and cannot be opened costs no memory for messages that have come and gone', () => {
    const ledger = createLedger({
      platform: createFakePlatform(), ask: () => undefined, target: () => undefined, isFailing: () => true, persisted: () => undefined,
      disowned: () => undefined, worked: () => undefined, failed: () => undefined, settled: () => undefined,
    })
    const message: OutboxMessage = {
      id: 'a', frame: '{}', size: 2, priority: 'normal', key: undefined, queuedAt: 0, expiresAt: Infinity, tracked: true, idempotent: false, stored: true, attempted: null,
    }
    ledger.note(message)
    ledger.keep(message)
    ledger.note(message)
    expect(ledger.isDirty()).toBe(true)
    ledger.release('a')
    expect(ledger.isDirty()).toBe(false)
  })

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
