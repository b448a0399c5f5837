import { describe, expect, it } from 'vitest'
import { createUplink } from 'uplink'
import { uplink as uplinkV1 } from 'uplink/protocols/uplink'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'
import { type ViewOptions, createChannelView } from '../../src/store/channel-view.ts'
import { GREETING, settle } from '../engine/uplink-rig.ts'

/** A view of channel `c`, joined and current, on a connection that resumes. */
async function viewing<Value>(options: ViewOptions<number, Value>) {
  const platform = createFakePlatform()
  const server = scriptedTransport({
    onDial: (socket) => socket.open(),
    onSend: (socket, frame) => { if (String(frame).includes('"hello"')) socket.receive(GREETING) },
  })
  const uplink = createUplink({ url: 'wss://test.example', platform, transport: server.transport, protocol: uplinkV1(), heartbeat: false })
  const errors: string[] = []
  uplink.on('error', ({ code }) => errors.push(code))
  const view = createChannelView<number, Value>(options, { ...uplink, lease: () => uplink.channel('c') })
  const detach = view.attach()
  void uplink.connect()
  await settle()
  const confirm = (standing: object): void => server.socket().receive({ type: 'subscription_confirmed', channel: 'c', stream: 'c', epoch: 'e', offset: 0, top: 0, recovered: false, ...standing })
  const tick = (offset: number): void => server.socket().receive({ type: 't', channel: 'c', offset, data: offset })
  const shown = () => {
    platform.paint()
    return view.getState()
  }
  /** An outage after which the server cannot continue the channel. */
  const outage = async (): Promise<void> => {
    server.socket().end()
    await platform.clock.advanceAsync(2_000)
    confirm({ offset: 50, top: 50, reason: 'trimmed' })
  }
  const refuse = (): void => server.socket().receive({ type: 'error', code: 'not_authorized', message: 'no longer', channel: 'c' })
  confirm({})
  return { view, detach, tick, confirm, refuse, shown, outage, errors, platform, server }
}

const sum = { initial: 0, reduce: (value: number, data: number) => value + data }

describe('a view of a channel', () => {
  it.each([
    [{ staleAfter: 'x' as unknown as number }, /staleAfter is 'x'; allowed: a number from 0 to Infinity/], [{ throttle: -1 }, /throttle is -1/], [{ throttle: Number.NaN }, /throttle is NaN/], [{ buffer: 0 }, /buffer is 0/],
  ])('refuses numbers that are not allowed, first and later: %o', async (options, message) => {
    await expect(viewing(options as never)).rejects.toThrow(message)
    const { view } = await viewing({})
    expect(() => view.update(options as never)).toThrow(message)
  })

  it('of a channel without a name says so, and is not live', () => {
    const uplink = createUplink({ url: 'wss://test.example' })
    const view = createChannelView({}, { ...uplink, lease: () => uplink.channel('') })
    view.attach()
    expect(view.getState()).toMatchObject({ status: 'idle', error: { code: 'UPLINK_OPTION_INVALID' } })
  })

  it('dates the data by its message, and of several in one frame by the frame, for one look at the clock', async () => {
    const { shown, tick, platform } = await viewing<number | undefined>({})
    shown()
    tick(1)
    const first = platform.time()
    platform.clock.advance(3)
    expect(shown()).toMatchObject({ data: 1, updatedAt: first })
    platform.clock.advance(20)
    let looks = 0
    const now = platform.now.bind(platform)
    platform.now = () => (looks++, now())
    for (let offset = 2; offset <= 101; offset++) tick(offset)
    // The inbound path looks once a frame of the wire; the view and the scheduler once for all of them.
    expect(looks).toBe(102)
    platform.clock.advance(3)
    expect(shown()).toMatchObject({ data: 101, updatedAt: platform.time() })
    platform.clock.advance(20)
    expect(shown()).toMatchObject({ updatedAt: platform.time() - 20 })
  })

  it('says that it is catching up, as of when its data is, and what the outage cost', async () => {
    const { shown, tick, confirm, server, platform } = await viewing<number | undefined>({})
    tick(1)
    expect(shown()).toMatchObject({ status: 'live', data: 1, isStale: false, asOf: null, recovered: null, gap: null })
    const lostAt = platform.time()
    server.socket().end()
    await platform.clock.advanceAsync(2_000)
    confirm({ offset: 1, top: 2, recovered: true })
    expect(shown()).toMatchObject({ status: 'catchingUp', data: 1, isStale: true, asOf: lostAt, recovered: true })
    tick(2)
    expect(shown()).toMatchObject({ status: 'live', data: 2, isStale: false, asOf: null, recovered: true })
  })

  it('calls what it has kept from before while nothing brings the channel: the server is gone, does not answer yet, or refuses', async () => {
    const { shown, tick, confirm, refuse, server, platform } = await viewing<number | undefined>({})
    expect(shown()).toMatchObject({ source: 'live', updatedAt: null, isStale: false })
    tick(1)
    expect(shown()).toMatchObject({ source: 'live', status: 'live' })
    server.socket().end()
    expect(shown()).toMatchObject({ data: 1, source: 'cache', status: 'waiting', isStale: true })
    await platform.clock.advanceAsync(2_000)
    expect(shown()).toMatchObject({ source: 'cache', status: 'subscribing' })
    confirm({ offset: 1, top: 1, recovered: true })
    expect(shown()).toMatchObject({ source: 'live', status: 'live', isStale: false })
    server.socket().end()
    await platform.clock.advanceAsync(2_000)
    refuse()
    expect(shown()).toMatchObject({ data: 1, source: 'cache', status: 'refused', isStale: true })
  })

  it('tells of a gap before the messages that come after it', async () => {
    const told: unknown[] = []
    const { tick, outage, shown } = await viewing<number | undefined>({ onGap: ({ reason, from, to }) => told.push([reason, from, to]), onMessage: (data) => told.push(data) })
    tick(1)
    await outage()
    tick(51)
    expect(told).toEqual([1, ['trimmed', 2, 50], 51])
    expect(shown()).toMatchObject({ recovered: false, gap: { reason: 'trimmed', from: 2, to: 50 } })
  })

  it('mends a gap with the snapshot that refetch gives, and folds what came meanwhile into it', async () => {
    let give: (value: number) => void = () => undefined
    const heard: number[] = []
    const { tick, outage, shown } = await viewing({ ...sum, onMessage: (data) => heard.push(data), refetch: () => new Promise<number>((resolve) => { give = resolve }) })
    tick(1)
    await outage()
    tick(51)
    expect(shown()).toMatchObject({ data: 1, status: 'catchingUp', isStale: true })
    give(1_000)
    await settle()
    tick(52)
    expect(shown()).toMatchObject({ data: 1_103, status: 'live', isStale: false, gap: null })
    expect(heard).toEqual([1, 51, 52])
  })

  it('keeps the gap and what it has when refetch fails, and says why', async () => {
    const { tick, outage, shown, errors } = await viewing({ ...sum, refetch: () => { throw new Error('503') } })
    tick(1)
    await outage()
    tick(51)
    await settle()
    expect(shown()).toMatchObject({ data: 52, status: 'live', gap: { reason: 'trimmed' }, error: { code: 'UPLINK_CHANNEL_GAP' } })
    expect(errors).toContain('UPLINK_CHANNEL_GAP')
  })

  it('wants only the newest snapshot: a second gap aborts the first, and so does unmounting', async () => {
    const signals: AbortSignal[] = []
    const answers: Array<(value: number) => void> = []
    const { tick, outage, shown, detach, confirm } = await viewing({ ...sum, refetch: ({ signal }) => new Promise<number>((resolve) => { signals.push(signal); answers.push(resolve) }) })
    tick(1)
    await outage()
    confirm({ epoch: 'f', offset: 0, top: 0, reason: 'epoch_changed' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    answers[0]?.(1)
    await settle()
    expect(shown().status).toBe('catchingUp')
    answers[1]?.(7)
    await settle()
    expect(shown()).toMatchObject({ data: 7, status: 'live' })
    await outage()
    detach()
    expect(signals[2]?.aborted).toBe(true)
  })

  it('holds no more than it needs while a snapshot does not come', async () => {
    const { tick, outage, shown } = await viewing({ ...sum, refetch: () => new Promise<number>(() => undefined) })
    await outage()
    for (let offset = 51; offset < 60_000; offset++) tick(offset)
    expect(shown()).toMatchObject({ data: 0, status: 'catchingUp' })
  })
})
