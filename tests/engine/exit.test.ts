import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('a process can exit after disconnect(), also on a dead network', async () => {
  // The server accepts and never answers; if anything held the process open, it would be killed by the time limit.
  const script = `
    import { createServer } from 'node:net'
    import { createConnection } from './src/engine/index.ts'
    import { ws } from './src/transports/ws.ts'
    const server = createServer(() => {}).listen(0, '127.0.0.1', () => {
      const connection = createConnection({ url: 'ws://127.0.0.1:' + server.address().port, transport: ws() })
      connection.connect()
      setTimeout(() => { connection.disconnect(); server.close(); server.unref(); console.log(connection.snapshot().state) }, 100)
    })
  `
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { cwd: root, timeout: 15_000 })
  expect(stdout.trim()).toBe('disconnected')
})
