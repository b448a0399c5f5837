/** What each client adds to a page, React not counted. */
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Row } from './report.ts'

const ENTRIES: Readonly<Record<string, string>> = {
  'uplink/engine, json()': "export { createConnection, json } from 'uplink/engine'",
  'uplink, three hooks, zustand': "export { createUplink, UplinkProvider, useWebSocket, useChannel, useLatency } from 'uplink'",
  'reconnecting-websocket': "export { default } from 'reconnecting-websocket'",
  'partysocket': "export { default } from 'partysocket/ws'",
  'react-use-websocket': "export { default } from 'react-use-websocket'",
  'socket.io-client': "export { io } from 'socket.io-client'",
  'centrifuge': "export { Centrifuge } from 'centrifuge'",
}

export async function bundle(): Promise<Row[]> {
  return Promise.all(Object.entries(ENTRIES).map(async ([name, contents]) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)), loader: 'js' }, tsconfigRaw: '{}',
      bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, legalComments: 'none', logLevel: 'error',
      external: ['react', 'react-dom', 'react/jsx-runtime'],
    })
    const code = outputFiles[0]?.contents ?? new Uint8Array()
    return { name, minified: String(code.length), gzip: String(gzipSync(code, { level: 9 }).length) }
  }))
}
