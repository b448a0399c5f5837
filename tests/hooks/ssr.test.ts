import { createElement, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it } from 'vitest'
import { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, UplinkProvider, createUplink, useChannel, useLatency, useWebSocket } from 'uplink'
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
