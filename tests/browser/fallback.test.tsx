/** What a person sees of polling, in real Chromium, on the connection's own clock. */
import { act, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { Announcer, ConnectionStatus, Freshness, useChannel } from 'uplink'
import { poll } from 'uplink/fallback'
import '../../src/styles.css'
import { friendly, stage } from './support.tsx'

interface Tick { readonly price: number }

const heard: number[] = []
afterEach(() => { heard.length = 0 })

function Price(): ReactNode {
  const btc = useChannel<Tick>('btc', { onMessage: ({ price }) => heard.push(price) })
  return (
    <Freshness channel={btc}>
      <output data-source={btc.source}>{btc.data?.price ?? '–'}</output>
    </Freshness>
  )
}

/** A socket that opens when `open` says so, and a REST API that gives `price`, unless it is down. */
function page() {
  const state = { open: false, works: true, price: 1 }
  const made = stage({
    fallback: poll({
      fetch: async () => {
        if (!state.works) throw new TypeError('failed to fetch')
        return { data: { price: state.price } }
      },
      positionOf: (data) => (data as Tick).price,
    }),
    heartbeat: false,
  }, { ...friendly, onDial: (socket) => (state.open ? socket.open() : socket.end()) })
  const { container } = render(<made.wrapper><ConnectionStatus showDetails /><Price /></made.wrapper>)
  const output = (): HTMLElement => container.querySelector('output') as HTMLElement
  const freshness = (): HTMLElement => container.querySelector('[data-slot="freshness"]') as HTMLElement
  const word = (): string | null => container.querySelector('[data-slot="connection-status"]')?.getAttribute('data-state') ?? null
  return { ...made, state, container, output, freshness, word }
}

describe('a socket that is blocked from the start', () => {
  it('shows data by REST within three seconds, labelled so, and not dimmed', async () => {
    const { pass, output, container, word, freshness } = page()
    await pass(3_000)
    expect(output().textContent).toBe('1')
    expect(output().dataset['source']).toBe('fallback')
    await pass(1_000)
    expect(word()).toBe('delayed')
    expect(container.querySelector('[data-slot="explanation"]')?.textContent).toContain('Data is delayed: it comes every 5 sec.')
    expect(freshness().dataset['state']).toBe('fresh')
  })

  it('is live within five seconds of being unblocked, whenever that is, without a repeat', async () => {
    for (const after of [4_000, 13_700, 61_300]) {
      heard.length = 0
      const { pass, state, output, word, receive, platform, uplink } = page()
      await pass(after)
      state.open = true
      const since = platform.now()
      while (word() !== 'connected' && platform.now() - since < 10_000) await pass(100)
      expect(platform.now() - since, `unblocked after ${after} ms`).toBeLessThan(5_000)
      await pass(100)
      await act(async () => receive({ type: 'tick', channel: 'btc', data: { price: 1 } }))
      await act(async () => receive({ type: 'tick', channel: 'btc', data: { price: 2 } }))
      await pass(100)
      expect(heard).toEqual([1, 2])
      expect([output().textContent, output().dataset['source']]).toEqual(['2', 'live'])
      uplink.destroy()
    }
  })

  it('with REST down too keeps the last value, dimmed, with its age', async () => {
    const { pass, state, output, freshness, container } = page()
    await pass(4_000)
    state.works = false
    await pass(60_000)
    expect([output().textContent, output().dataset['source']]).toEqual(['1', 'cache'])
    expect(freshness().dataset['state']).toBe('stale')
    expect(container.querySelector('[data-slot="veil"]')).not.toBeNull()
    expect(getComputedStyle(container.querySelector('[data-slot="freshness-content"]') as Element).filter).toMatch(/grayscale/)
    expect(container.querySelector('[data-slot="stamp"]')?.textContent).toMatch(/as of/i)
  })
})

it('says that data is delayed to those who do not see it, once', async () => {
  const { pass, uplink } = page()
  const spoken: string[] = []
  render(<Announcer uplink={uplink} announce={(sentence) => { spoken.push(sentence) }} />)
  for (let second = 0; second < 30; second++) await pass(1_000)
  expect(spoken).toEqual(['Data is delayed: it comes every 5 sec.'])
})
