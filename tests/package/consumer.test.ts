/** The packed package in a project of its own, as a user has it: compiled against, and imported. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installUplink } from '../../scripts/pack.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const project = mkdtempSync(join(tmpdir(), 'uplink-consumer-'))
const PEERS = ['@tanstack', '@testing-library', 'idb', 'msw', 'react', 'react-dom', 'csstype', 'ws', 'zustand', 'lucide-react', '@radix-ui', '@types/react', '@types/react-dom', '@types/ws', '@types/node', 'undici-types', 'jose', 'socket.io', 'socket.io-client', 'valibot', 'socket.io-adapter', 'socket.io-parser', '@socket.io', 'engine.io', 'engine.io-client', 'engine.io-parser', 'cors', '@types/cors', 'debug', 'ms']

const APP = `
import 'uplink/styles.css'
import { ConnectionIndicator, UplinkProvider, createUplink, useChannel, useLatency, useWebSocket, webSocket } from 'uplink'
import { createConnection, type ConnectionSnapshot } from 'uplink/engine'
import { createMarketData } from 'uplink/market'
import { useOrderBook, usePrice } from 'uplink/market/react'
import { binanceRest } from 'uplink/market/rest'
import { ConnectionMonitor } from 'uplink/devtools'
import { faults } from 'uplink/devtools/faults'
import { createVirtualClock, scriptedTransport } from 'uplink/testing'
import { startFaultProxy } from 'uplink/testing/node'
import { createMockServer } from 'uplink/testing/msw'
import { renderWithUplink } from 'uplink/testing/react'
import { createTestServer } from 'uplink/testing/server'
import { uplink as uplinkProtocol } from 'uplink/protocols/uplink'
import { pool } from 'uplink/pool'
import { persistence } from 'uplink/storage'
import { indexedDb } from 'uplink/storage/indexed-db'
import { webStorage } from 'uplink/storage/local-storage'
import { memory } from 'uplink/storage/memory'
import { channel, createUplinkServer, self, wsDoor, anonymous } from 'uplink/server'
import { jwt } from 'uplink/server/jwt'
import { collectPrometheus } from 'uplink/server/prometheus'
import { fromNodeRedis, redisBroker } from 'uplink/server/redis'
import { socketIoDoor } from 'uplink/server/socket-io'
import { socketIo } from 'uplink/transports/socket-io'
import { ws } from 'uplink/transports/ws'

interface Feed { messages: { tick: { price: number } }; channels: { btc: { price: number } } }
const { transport, controller } = faults(webSocket())
export const uplink = createUplink({ url: 'wss://example.com/ws', transport })
createUplink<Feed>({ url: 'wss://example.com/ws' }).subscribe('tick', ({ price }) => price.toFixed(2))
export function Header() {
  const { data } = useChannel<{ price: number }>('btc')
  const price: number | undefined = data?.price
  return <UplinkProvider uplink={uplink}><b>{price} {useLatency().quality} {useWebSocket().state}</b><ConnectionIndicator /><ConnectionMonitor faults={controller} theme="dark" /></UplinkProvider>
}
createUplink({ servers: pool(['wss://a.example.com/ws', 'wss://b.example.com/ws'], { lifetime: 86_400_000 }), protocol: uplinkProtocol() })
// @ts-expect-error: an address is needed, or servers.
createUplink({ protocol: uplinkProtocol() })
export const market = createMarketData({ uplink, rest: binanceRest({ url: 'https://example.com/api/v3' }), rules: 'futures' })
export const bid = (): string | undefined => useOrderBook('BTCUSDT', { depth: 5 }).data?.bids[0]?.[0] ?? usePrice('BTCUSDT').data?.slice(1)
export const snapshot: ConnectionSnapshot = createConnection({ url: 'wss://example.com/ws', transport: ws() }).snapshot()
export const kit = [createVirtualClock, scriptedTransport, startFaultProxy, createMockServer, renderWithUplink, createTestServer, persistence, webStorage, memory]
createConnection({ url: 'wss://example.com/ws', protocol: uplinkProtocol(), identity: 'ann', storage: indexedDb(), credentials: () => null })
export const server = [createUplinkServer, wsDoor, anonymous, jwt, collectPrometheus, fromNodeRedis, redisBroker, socketIoDoor, socketIo]
channel('user_{userId}_trades', { subscribe: self('userId') })
// @ts-expect-error: a rule must know the parameters of its pattern.
channel('news', { subscribe: self('userId') })
// @ts-expect-error: a wrong option is refused, so the types have been read.
createUplink({ url: 'wss://example.com/ws', heartbeatMs: 1 })
`

beforeAll(() => {
  installUplink(project)
  for (const peer of PEERS) {
    const link = join(project, 'node_modules', peer)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', peer), link)
  }
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
  writeFileSync(join(project, 'app.tsx'), APP)
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

describe('a project that has installed the package', () => {
  it.each([['node16', 'node16'], ['nodenext', 'nodenext'], ['esnext', 'bundler']])(
    'compiles with module %s and moduleResolution %s, declarations checked too',
    (module, moduleResolution) => {
      const compilerOptions = {
        module, moduleResolution, target: 'es2022', lib: ['es2022', 'dom'], jsx: 'react-jsx', strict: true, exactOptionalPropertyTypes: true,
        noEmit: true, types: ['node'], skipLibCheck: false,
      }
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.tsx'] }))
      const { stdout, status } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', project, '--pretty', 'false'], { encoding: 'utf8' })
      expect(stdout).toBe('')
      expect(status).toBe(0)
    },
  )

  it('imports every subpath in Node', () => {
    const script = `
      const subpaths = ['uplink', 'uplink/engine', 'uplink/transports/ws', 'uplink/protocols/uplink', 'uplink/pool', 'uplink/storage', 'uplink/storage/memory', 'uplink/storage/local-storage', 'uplink/storage/indexed-db', 'uplink/devtools', 'uplink/devtools/faults', 'uplink/testing', 'uplink/testing/node', 'uplink/testing/react', 'uplink/testing/msw', 'uplink/testing/server', 'uplink/server', 'uplink/server/jwt', 'uplink/server/redis', 'uplink/server/prometheus', 'uplink/server/socket-io', 'uplink/transports/socket-io']
      for (const subpath of subpaths) if (Object.keys(await import(subpath)).length === 0) throw new Error(subpath + ' exports nothing')
      console.log('all')
    `
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: project, encoding: 'utf8' }).trim()).toBe('all')
  })
})
