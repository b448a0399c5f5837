import { createElement, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it } from 'vitest'
import { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, ConnectionSummary, ConnectionTimeline, ConnectionToasts, Freshness, LatencyChart, UplinkProvider, createUplink, useChannel, useLatency, useWebSocket } from 'uplink'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'

it('a server renders every hook and component as what the page is going to do, and dials nothing', () => {
  const platform = createFakePlatform()
  const server = scriptedTransport()
  const uplink = createUplink({ url: '/ws', platform, transport: server.transport })
  function Page(): ReactNode {
    return createElement('p', null, useWebSocket().state, useWebSocket('wss://other.example').state, useLatency().quality, String(useChannel('btc').data))
  }
  const html = renderToString(createElement(UplinkProvider, { uplink },
    createElement(Page), createElement(ConnectionIndicator), createElement(ConnectionStatus, { showDetails: true }),
    createElement(ConnectionStatus, { url: 'wss://third.example' }), createElement(ConnectionStatusCard)))
  const shown = [...html.matchAll(/data-slot="(connection-[a-z-]+)"[^>]* data-state="([a-z]+)"/g)].map(([, slot, state]) => `${slot} ${state}`)
  expect(shown).toEqual(['connection-indicator connecting', 'connection-status connecting', 'connection-status connecting', 'connection-status-card connecting'])
  expect(html.replaceAll('<!-- -->', '')).toContain('<p>disconnecteddisconnectedunknownundefined</p>')
  expect(server.sockets).toEqual([])
  expect(platform.clock.pending()).toBe(0)
  expect(platform.listeners()).toBe(0)
})

it('a server renders pictures, summaries and marked widgets as not known yet, without an inline style or a time of its own', () => {
  const platform = createFakePlatform()
  const server = scriptedTransport()
  const uplink = createUplink({ url: '/ws', platform, transport: server.transport })
  const html = renderToString(createElement(UplinkProvider, { uplink },
    createElement(LatencyChart), createElement(ConnectionTimeline), createElement(ConnectionTimeline, { uplink: 'wss://other.example' }),
    createElement(ConnectionSummary, { connections: [{ name: 'Prices', uplink }] }),
    createElement(Freshness, { channel: 'prices' }, 'the widget'),
    createElement(ConnectionToasts, { toaster: { show: () => undefined, dismiss: () => undefined } })))
  expect(html).toContain('No round trip was measured yet.')
  expect(html).toContain('Not recorded.')
  expect(html).toMatch(/data-slot="connection-summary"[^>]* data-state="idle"/)
  expect(html).toMatch(/data-slot="freshness" data-state="waiting".*the widget/)
  expect(html).not.toMatch(/ style=|\d:\d\d/)
  expect([server.sockets.length, platform.clock.pending(), platform.listeners()]).toEqual([0, 0, 0])
})

it.each([[{ url: 'wss://test.example' }], [undefined], ['wss://test.example']])('a provider refuses %o, and says what it takes', (uplink) => {
  expect(() => renderToString(createElement(UplinkProvider, { uplink: uplink as never })))
    .toThrow(expect.objectContaining({ code: 'UPLINK_OPTION_INVALID', message: 'uplink has a wrong value; allowed: what createUplink() returns' }))
})
