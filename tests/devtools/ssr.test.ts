/** The monitor where there is no page, and where it is not wanted. */
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, it, vi } from 'vitest'
import { UplinkProvider, createUplink } from 'uplink'
import { ConnectionMonitor } from 'uplink/devtools'
import { createFakePlatform, scriptedTransport } from 'uplink/testing'

afterEach(() => vi.unstubAllEnvs())

function served(props = {}): string {
  const platform = createFakePlatform()
  const uplink = createUplink({ url: '/ws', platform, transport: scriptedTransport().transport })
  const html = renderToString(createElement(UplinkProvider, { uplink }, createElement('p', null, 'page'), createElement(ConnectionMonitor, { enabled: true, initialIsOpen: true, ...props })))
  expect([platform.clock.pending(), platform.listeners()]).toEqual([0, 0])
  return html
}

it('a server renders nothing of it, floating or embedded', () => {
  expect(served()).toBe('<p>page</p>')
  expect(served({ mode: 'embedded' })).toBe('<p>page</p>')
})

it('in production it is nothing unless asked for', () => {
  expect(ConnectionMonitor({})).not.toBeNull()
  vi.stubEnv('NODE_ENV', 'production')
  expect(ConnectionMonitor({})).toBeNull()
  expect(ConnectionMonitor({ enabled: true })).not.toBeNull()
  vi.stubEnv('NODE_ENV', 'development')
  expect(ConnectionMonitor({ enabled: false })).toBeNull()
})

it('says what to do where there is no connection to look at', () => {
  expect(() => renderToString(createElement(ConnectionMonitor, { enabled: true }))).toThrow(/below <UplinkProvider>, or give it an uplink/)
})
