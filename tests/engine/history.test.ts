/** `readHistory()`: what it asks, what it makes of answers, and when it gives up. */
import { describe, expect, it } from 'vitest'
import { createUplink } from 'uplink'
import { createConnection, json } from 'uplink/engine'
import { type HistoryOptions, type HistoryPage, readHistory, uplink } from 'uplink/protocols/uplink'
import { createFakePlatform, createSimulatedDisk, createSimulatedServer, seededRandom } from 'uplink/testing'
import { persistence } from 'uplink/storage'
import { checker } from '../simulation/pair/schema.ts'
import { rig } from './support.ts'
import { type UplinkRig, settle, uplinkRig } from './uplink-rig.ts'

const problemOf = checker('client')
const PAGE = { stream: 'c', epoch: 'e', top: 9, more: true, messages: [{ type: 't', channel: 'c', offset: 8, from: 7, data: 'a' }, { type: 't', channel: 'c', offset: 9, payload: 'b' }] }

/** A rig that is connected. */
async function connected(options: Parameters<typeof uplinkRig>[0] = {}): Promise<UplinkRig & { say(frame: object): void }> {
  const rigged = uplinkRig(options)
  void rigged.connection.connect()
  await settle()
  return { ...rigged, say: (frame) => rigged.server.socket().receive(frame) }
}

/** The fate of a promise that may be pending. */
function fateOf(promise: Promise<HistoryPage>): { page?: HistoryPage; error?: { readonly code: string; readonly message: string } } {
  const fate: ReturnType<typeof fateOf> = {}
  promise.then((page) => { fate.page = page }, (error: { readonly code: string; readonly message: string }) => { fate.error = error })
  return fate
}

const questions = (rigged: UplinkRig): Array<Record<string, unknown>> => rigged.received('history')
const idOf = (rigged: UplinkRig): string => String(questions(rigged).at(-1)?.['id'])

describe('reading a page', () => {
  it('asks by one message, and resolves with what the server has', async () => {
    const rigged = await connected()
    const fate = fateOf(readHistory(rigged.connection, 'c', { params: { symbol: 'BTC' }, before: { epoch: 'e', offset: 10 }, limit: 2 }))
    await settle()
    expect(questions(rigged)).toEqual([{ type: 'history', id: expect.any(String) as string, timestamp: expect.any(Number) as number, data: { channel: 'c', params: { symbol: 'BTC' }, before: { epoch: 'e', offset: 10 }, limit: 2 } }])
    for (const frame of rigged.server.socket().sent) expect(problemOf(String(frame))).toBeNull()
    rigged.say({ type: 'ack', id: idOf(rigged), data: PAGE })
    await settle()
    expect(fate.page).toEqual({
      messages: [{ type: 't', channel: 'c', offset: 8, from: 7, data: 'a' }, { type: 't', channel: 'c', offset: 9, payload: 'b', data: 'b' }], more: true,
      first: { epoch: 'e', offset: 7 }, last: { epoch: 'e', offset: 9 }, top: { epoch: 'e', offset: 9 },
    })
    expect(rigged.connection.outbox()).toMatchObject({ inFlight: 0, delivered: 1 })
  })

  it('asks for the newest where no place is given, and for what follows where one is', async () => {
    const rigged = await connected()
    const options: HistoryOptions[] = [{}, { before: undefined, after: undefined }, { after: { epoch: 'e', offset: 0 } }]
    for (const one of options) fateOf(readHistory(rigged.connection, 'c', one))
    await settle()
    expect(questions(rigged).map(({ data }) => data)).toEqual([{ channel: 'c' }, { channel: 'c' }, { channel: 'c', after: { epoch: 'e', offset: 0 } }])
  })

  it.each<[way: string, options: HistoryOptions, first: number, last: number]>([
    ['the end', {}, 10, 9], ['what follows', { after: { epoch: 'e', offset: 9 } }, 10, 9], ['what lies before', { before: { epoch: 'e', offset: 4 } }, 4, 3], ['what lies before all', { before: { epoch: 'e', offset: 0 } }, 0, 0],
  ])('that holds nothing lies where it was looked for: at %s', async (_, options, first, last) => {
    const rigged = await connected()
    const fate = fateOf(readHistory(rigged.connection, 'c', options))
    await settle()
    rigged.say({ type: 'ack', id: idOf(rigged), data: { ...PAGE, more: false, messages: [] } })
    await settle()
    expect(fate.page).toMatchObject({ messages: [], more: false, first: { epoch: 'e', offset: first }, last: { epoch: 'e', offset: last } })
  })

  it('works through an uplink of createUplink as well', async () => {
    const server = createSimulatedServer(createFakePlatform({ seed: 1 }))
    expect(server.clients()).toBe(0)
    const platform = createFakePlatform({ seed: 2 })
    const simulated = createSimulatedServer(platform)
    for (let n = 1; n <= 5; n++) simulated.publish('c', n)
    const live = createUplink({ url: 'wss://test.example/ws', protocol: uplink(), transport: simulated.network.transport, platform })
    await expect(readHistory(live, 'c')).rejects.toMatchObject({ code: 'UPLINK_DISCONNECTED' })
    void live.connect()
    const fate = fateOf(readHistory(live, 'c', { limit: 3 }))
    await platform.clock.advanceAsync(5_000)
    expect(fate.page?.messages.map(({ data }) => data)).toEqual([3, 4, 5])
    live.destroy()
  })

  it('stays behind what the application sends, holds nothing of it back, and leaves nothing in the storage', async () => {
    const disk = createSimulatedDisk({ clock: createFakePlatform({ seed: 1 }).clock, random: seededRandom(1) })
    const rigged = await connected({ identity: 'ann', storage: { ...disk.page().storage, persistence } })
    fateOf(readHistory(rigged.connection, 'c'))
    await settle()
    rigged.say({ type: 'nack', id: idOf(rigged), code: 'rate_limited', message: 'later', retryable: true, retryAfter: 5_000 })
    rigged.connection.send({ type: 'order' })
    await settle()
    expect(rigged.received('order')).toHaveLength(1)
    expect(disk.rows()).toEqual([])
    await rigged.platform.clock.advanceAsync(6_000)
    expect(questions(rigged)).toHaveLength(2)
    rigged.connection.destroy()
  })
})

describe('a page that cannot be had', () => {
  it.each<[what: string, answer: object, code: string]>([
    ['a refusal', { type: 'nack', code: 'not_authorized', message: 'not for you', retryable: false }, 'UPLINK_HISTORY_REFUSED'],
    ['a stream that was begun anew', { type: 'ack', data: { ...PAGE, messages: [], reason: 'epoch_changed' } }, 'UPLINK_HISTORY_CHANGED'],
    ['a place whose next messages are gone', { type: 'ack', data: { ...PAGE, messages: [], reason: 'trimmed' } }, 'UPLINK_HISTORY_TRIMMED'],
    ['a channel that keeps nothing', { type: 'ack', data: { ...PAGE, messages: [], reason: 'no_history' } }, 'UPLINK_HISTORY_TRIMMED'],
    ['an answer without a page', { type: 'ack' }, 'UPLINK_HISTORY_FAILED'],
    ['null', { type: 'ack', data: null }, 'UPLINK_HISTORY_FAILED'],
    ['no list of messages', { type: 'ack', data: { ...PAGE, messages: {} } }, 'UPLINK_HISTORY_FAILED'],
    ['messages that are none', { type: 'ack', data: { ...PAGE, messages: [7] } }, 'UPLINK_HISTORY_FAILED'],
    ['a message without an offset', { type: 'ack', data: { ...PAGE, messages: [{ type: 't', data: 1 }] } }, 'UPLINK_HISTORY_FAILED'],
    ['a message with an impossible one', { type: 'ack', data: { ...PAGE, messages: [{ type: 't', offset: -1 }] } }, 'UPLINK_HISTORY_FAILED'],
    ['no epoch', { type: 'ack', data: { ...PAGE, epoch: 7 } }, 'UPLINK_HISTORY_FAILED'],
    ['no top', { type: 'ack', data: { ...PAGE, top: 1.5 } }, 'UPLINK_HISTORY_FAILED'],
  ])('is a rejection that says so: %s', async (_, answer, code) => {
    const rigged = await connected()
    const fate = fateOf(readHistory(rigged.connection, 'c'))
    await settle()
    rigged.say({ id: idOf(rigged), ...answer })
    await settle()
    expect(fate.error).toMatchObject({ code, channel: 'c', name: 'UplinkError' })
  })

  it.each<[what: string, options: HistoryOptions, named: string]>([
    ['both ways', { before: { epoch: 'e', offset: 2 }, after: { epoch: 'e', offset: 1 } }, 'before and after'],
    ['no messages', { limit: 0 }, 'limit'], ['half a message', { limit: 1.5 }, 'limit'], ['more than can be counted', { limit: Infinity }, 'limit'],
    ['no time', { timeout: 0 }, 'timeout'], ['no time at all', { timeout: NaN }, 'timeout'],
  ])('because the options ask for %s is not asked for', async (_, options, named) => {
    const rigged = await connected()
    await expect(readHistory(rigged.connection, 'c', options)).rejects.toMatchObject({ code: 'UPLINK_OPTION_INVALID', message: expect.stringContaining(named) as string })
    const circle: Record<string, unknown> = {}
    circle['itself'] = circle
    await expect(readHistory(rigged.connection, 'c', { params: circle })).rejects.toMatchObject({ code: 'UPLINK_ENCODE_FAILED' })
    expect(questions(rigged)).toEqual([])
  })

  it('is told at once where nobody is connecting, and waited for where somebody is', async () => {
    const rigged = uplinkRig({}, undefined, () => undefined)
    await expect(readHistory(rigged.connection, 'c')).rejects.toMatchObject({ code: 'UPLINK_DISCONNECTED' })
    void rigged.connection.connect()
    const fate = fateOf(readHistory(rigged.connection, 'c'))
    await settle()
    rigged.server.socket().open()
    await settle()
    rigged.server.socket().receive({ type: 'ack', id: idOf(rigged), data: PAGE })
    await settle()
    expect(fate.page?.messages).toHaveLength(2)
  })

  it.each<[what: string, end: (rigged: UplinkRig) => void, code: string]>([
    ['disconnect()', ({ connection }) => connection.disconnect(), 'UPLINK_DISCONNECTED'],
    ['a graceful disconnect()', ({ connection }) => connection.disconnect({ graceful: true }), 'UPLINK_DISCONNECTED'],
    ['a server that sends it away for good', ({ server }) => server.socket().end({ code: 4403 }), 'UPLINK_DISCONNECTED'],
    ['destroy()', ({ connection }) => connection.destroy(), 'UPLINK_DISCONNECTED'],
    ['forget()', ({ connection }) => void connection.forget(), 'UPLINK_HISTORY_FAILED'],
  ])('because of %s is not waited for', async (_, end, code) => {
    const rigged = await connected()
    const fate = fateOf(readHistory(rigged.connection, 'c'))
    await settle()
    end(rigged)
    await settle()
    expect(fate.error).toMatchObject({ code })
  })

  it.each<[what: string, end: (rigged: UplinkRig) => void, code: string]>([
    ['signedOut()', ({ connection }) => void connection.signedOut(), 'UPLINK_DISCONNECTED'], ['destroy()', ({ connection }) => connection.destroy(), 'UPLINK_DISCONNECTED'],
  ])('after %s is refused', async (_, end, code) => {
    const rigged = await connected()
    end(rigged)
    await expect(readHistory(rigged.connection, 'c')).rejects.toMatchObject({ code })
  })

  it('is asked for again after an outage, and given up when its time is over', async () => {
    const rigged = await connected({ reconnectInterval: 100 })
    const fate = fateOf(readHistory(rigged.connection, 'c'))
    const late = fateOf(readHistory(rigged.connection, 'd', { timeout: 3_000 }))
    await settle()
    rigged.server.socket().end()
    await rigged.platform.clock.advanceAsync(1_000)
    expect(questions(rigged)).toHaveLength(4)
    const again = questions(rigged).find(({ data }, index) => index > 1 && (data as { channel: string }).channel === 'c')
    rigged.say({ type: 'ack', id: again?.['id'], data: PAGE })
    await rigged.platform.clock.advanceAsync(3_000)
    // The server is asked what became of it, because it might have been handled.
    rigged.say({ type: 'status', resultsEpoch: 'E1', unseen: rigged.asked('status').flatMap(({ ids }) => ids as string[]), running: [] })
    await settle()
    expect(fate.page?.messages).toHaveLength(2)
    expect(late.error).toMatchObject({ code: 'UPLINK_HISTORY_FAILED', channel: 'd' })
  })

  it('is not waited for once a signal says so', async () => {
    const rigged = await connected()
    const reason = new Error('another page')
    await expect(readHistory(rigged.connection, 'c', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(questions(rigged)).toEqual([])
    const controller = new AbortController()
    const fate = fateOf(readHistory(rigged.connection, 'c', { signal: controller.signal }))
    await settle()
    controller.abort(reason)
    await settle()
    expect(fate.error).toBe(reason)
    rigged.say({ type: 'ack', id: idOf(rigged), data: PAGE })
    await settle()
    expect(rigged.log).not.toContain('UPLINK_ACK_UNEXPECTED')
  })

  it('through json() names the protocol that has one', async () => {
    const { connection } = rig({ protocol: json() })
    void connection.connect()
    await settle()
    await expect(readHistory(connection, 'c')).rejects.toMatchObject({ code: 'UPLINK_HISTORY_UNSUPPORTED' })
  })
})

describe('whatever happens to the network and the server', () => {
  it.each([1, 2, 3, 4, 5, 6])('every page that comes is right, and every other one is refused in its time (seed %i)', async (seed) => {
    const platform = createFakePlatform({ seed })
    const random = seededRandom(seed)
    const server = createSimulatedServer(platform, { history: { count: 60 }, recovery: { count: 20, size: 2_000 } })
    const connection = createConnection({ url: 'wss://test.example/ws', protocol: uplink(), transport: server.network.transport, platform, reconnectInterval: 50, maxReconnectDelay: 200 })
    void connection.connect()
    const published = new Map<string, number[]>()
    const publish = (): void => {
      const number = published.size * 1_000 + server.received().length + Math.floor(random() * 1e9)
      const { epoch, offset } = server.publish('c', number)
      const list = published.get(epoch) ?? []
      published.set(epoch, list)
      list[offset] = number
    }
    let place: HistoryPage | null = null
    let isForward = false
    let pages = 0
    let pending = 0
    const read = (): void => {
      const forward = isForward
      const from = place
      pending++
      const options: HistoryOptions = { limit: 1 + Math.floor(random() * 15), timeout: 2_000, ...(from === null ? {} : forward ? { after: from.last } : { before: from.first }) }
      readHistory(connection, 'c', options).then((page) => {
        pages++
        const list = published.get(page.top.epoch) ?? []
        for (const { offset = 0, data } of page.messages) expect(data).toBe(list[offset])
        const offsets = page.messages.map(({ offset = 0 }) => offset)
        expect(offsets).toEqual(offsets.map((_, index) => (offsets[0] ?? 0) + index))
        if (offsets.length > 0 && options.before) expect(offsets.at(-1)).toBe(options.before.offset - 1)
        if (offsets.length > 0 && options.after) expect(offsets[0]).toBe(options.after.offset + 1)
        place = page.messages.length > 0 ? page : null
        isForward = random() < 0.5
      }, ({ code }: { readonly code: string }) => {
        place = null
        expect(['UPLINK_HISTORY_FAILED', 'UPLINK_HISTORY_TRIMMED', 'UPLINK_HISTORY_CHANGED', 'UPLINK_DISCONNECTED']).toContain(code)
      }).finally(() => { pending-- })
    }
    for (let step = 0; step < 300; step++) {
      const what = random()
      if (what < 0.4) publish()
      else if (what < 0.8) read()
      else if (what < 0.85) server.network.cut()
      else if (what < 0.88) server.network.silence()
      else if (what < 0.89) { server.stop(); server.start(random() < 0.5 ? 'everything' : 'nothing') }
      else if (what < 0.9) server.resetStream('c')
      await platform.clock.advanceAsync(Math.floor(random() * 120))
    }
    await platform.clock.advanceAsync(60_000)
    expect(pending).toBe(0)
    expect(pages).toBeGreaterThan(20)
    connection.destroy()
  })
})
