/** Where a number came from, on pages that have no provider as well. */
import { act, cleanup, render } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { SourceBadge, UplinkProvider, createUplink } from 'uplink'
import { createFakePlatform } from 'uplink/testing'

afterEach(cleanup)

it('without a provider an outage ages what is shown, and breaks nothing', () => {
  const badge = (source: 'live' | 'cache') => <SourceBadge source={source} updatedAt={Date.now() - 12_000} />
  const { container, rerender } = render(badge('live'))
  expect(container.textContent).toContain('Live')
  rerender(badge('cache'))
  expect(container.textContent).toMatch(/Last known 1[2-9] sec ago/)
})

it("ages by its provider's clock", () => {
  const platform = createFakePlatform()
  const uplink = createUplink({ url: 'wss://badge.test', platform, connectionGrace: 0 })
  const { container, unmount } = render(<UplinkProvider uplink={uplink}><SourceBadge source="cache" updatedAt={platform.time() - 5_000} /></UplinkProvider>)
  expect(container.textContent).toContain('Last known 5 sec ago')
  act(() => platform.clock.advance(3_000))
  expect(container.textContent).toContain('Last known 8 sec ago')
  unmount()
  uplink.destroy()
})
