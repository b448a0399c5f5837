/** `uplink/testing/react`: a dashboard through a storm, in virtual time. */
import { renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { describe, expect, it } from 'vitest'
import { ConnectionStatus, useChannel, useWebSocket } from 'uplink'
import { reject } from 'uplink/testing'
import { createStage, renderWithUplink } from 'uplink/testing/react'

function Price(): ReactNode {
  const { data, gap } = useChannel<{ bid: number }>('prices')
  return <output>{data === undefined ? 'no price' : `${data.bid}${gap === null ? '' : ' after a gap'}`}</output>
}

describe('a component under test', () => {
  it('sees what the server publishes, an outage, and what it missed in it', async () => {
    const { server, pass, container } = renderWithUplink(<><Price /><ConnectionStatus /></>)
    const price = () => container.querySelector('output')?.textContent
    const state = () => container.querySelector('[data-slot="connection-status"]')?.getAttribute('data-state')
    expect(price()).toBe('no price')
    await pass(1_000)
    expect(state()).toBe('connected')
    server.publish('prices', { bid: 1 })
    await pass(100)
    expect(price()).toBe('1')
    server.stop()
    await pass(5_000)
    expect(state()).toBe('reconnecting')
    server.publish('prices', { bid: 2 })
    server.start()
    await pass(60_000)
    expect([state(), price()]).toEqual(['connected', '2'])
    server.start('nothing')
    server.publish('prices', { bid: 3 })
    await pass(60_000)
    server.publish('prices', { bid: 4 })
    await pass(1_000)
    expect(price()).toBe('4 after a gap')
  })

  it('has outcomes for what it sends, and a network that the test can break', async () => {
    const { server, wrapper, pass } = createStage({ server: { authenticate: (token) => (token === 'good' ? { identity: 'ann' } : null) }, credentials: () => 'good' })
    server.handle('order', ({ data }) => { if (data === 'bad') throw reject('invalid') ; return 'taken' })
    const { result } = renderHook(() => useWebSocket(), { wrapper })
    await pass(1_000)
    const good = result.current.sendWithAck({ type: 'order', data: 'good' })
    const bad = result.current.sendWithAck({ type: 'order', data: 'bad' })
    await pass(1_000)
    expect(await good).toMatchObject({ outcome: 'delivered', data: 'taken' })
    expect(await bad).toMatchObject({ outcome: 'rejected' })
    server.network.silence()
    const late = result.current.sendWithAck({ type: 'order', data: 'late' })
    await pass(60_000)
    expect(await late).toMatchObject({ outcome: 'delivered' })
    expect(server.received().map(({ message, identity }) => [message.data, identity])).toEqual([['good', 'ann'], ['bad', 'ann'], ['late', 'ann']])
  })
})
