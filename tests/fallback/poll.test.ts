import { afterEach, describe, expect, it } from 'vitest'
import { type FallbackRig, type RigOptions, blocked, confirming, fallbackRig } from './support.ts'

let rigs: FallbackRig[] = []
function rig(options?: RigOptions, script = confirming): FallbackRig {
  const made = fallbackRig(options, script)
  rigs.push(made)
  return made
}
afterEach(() => {
  for (const { connection, platform } of rigs) {
    connection.destroy()
    expect([platform.clock.pending(), platform.listeners()], 'timers and listeners left').toEqual([0, 0])
  }
  rigs = []
})

describe('polling', () => {
  it('begins two seconds (and a fifth at most) after the socket went missing, not before', async () => {
    const { connection, asked, pass } = rig({}, blocked)
    connection.channel('btc')
    void connection.connect()
    await pass(1_999)
    expect(asked).toHaveLength(0)
    await pass(401)
    expect(asked.map(({ channel }) => channel)).toEqual(['btc'])
  })

  it('hands on what it brought as the socket would: to listeners of the channel and of the type', async () => {
    const { connection, pass, log } = rig({ fetch: (channel) => ({ data: { price: 1 }, type: `${channel}.tick` }) }, blocked)
    const heard: unknown[] = []
    const lease = connection.channel('btc')
    lease.onMessage((data, { type, channel }) => heard.push(['channel', data, type, channel]))
    connection.subscribe('btc.*', (data) => heard.push(['type', data]))
    connection.on('message', ({ data }) => heard.push(['event', data]))
    void connection.connect()
    await pass(2_400)
    expect(heard).toEqual([['event', { price: 1 }], ['type', { price: 1 }], ['channel', { price: 1 }, 'btc.tick', 'btc']])
    expect(lease.snapshot()).toMatchObject({ status: 'waiting', source: 'fallback' })
    expect(lease.latest()?.data).toEqual({ price: 1 })
    expect(log).toContain('btc: fallback')
  })
})
