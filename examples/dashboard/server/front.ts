/** One port for everything: the page, the control of faults, and the WebSocket, led through the path that breaks. */
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { extname, join, normalize, sep } from 'node:path'
import { FAULTS, type FaultId, PATH } from '../shared.ts'
import type { Faults } from './faults.ts'

/** What the front stands before. */
export interface FrontOptions {
  readonly pageFolder: string
  readonly faults: Faults
  /** Port of the path to the market server. */
  readonly pathPort: number
  readonly port: number
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.map': 'application/json',
}

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/

/**
 * A page of another origin must not break this server: browsers send `Origin` with every such request.
 * `Host` counts too, because a foreign name can be made to resolve to this machine.
 */
function isOwn(request: IncomingMessage): boolean {
  const { origin, host = '' } = request.headers
  return LOOPBACK.test(host) && (origin === undefined || origin === `http://${host}`)
}

async function servePage(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://page').pathname))
    const file = join(folder, path === '/' ? 'index.html' : path)
    if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) throw new Error('outside')
    const body = await readFile(file)
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body)
  } catch {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found')
  }
}

function control(faults: Faults, request: IncomingMessage, response: ServerResponse): void {
  const json = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const action = (request.url ?? '').split('/')[2]
  if (!isOwn(request)) return json(403, { message: 'only from this page' })
  if (request.method === 'POST' && action === 'heal') faults.heal()
  else if (request.method === 'POST') {
    const fault = FAULTS.find(({ id }) => id === action)
    if (fault === undefined) return json(404, { message: `no such fault; there are heal, ${FAULTS.map(({ id }) => id).join(', ')}` })
    faults.inject(fault.id satisfies FaultId)
  }
  return json(200, { current: faults.current() })
}

/** Starts the front on the first free port from `port` on. */
export async function startFront({ pageFolder, faults, pathPort, port }: FrontOptions): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/control') === true) control(faults, request, response)
    else void servePage(pageFolder, request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined)
    if (!isOwn(request) || request.url !== PATH) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const path = connect(pathPort, '127.0.0.1')
    const headers = request.rawHeaders.flatMap((name, index, all) => (index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : []))
    path.write([`GET ${request.url} HTTP/1.1`, ...headers, '', ''].join('\r\n'))
    path.write(head)
    path.pipe(socket)
    socket.pipe(path)
    path.on('error', () => socket.destroy())
    path.on('close', () => socket.destroy())
    socket.on('close', () => path.destroy())
    return undefined
  })
  for (let candidate = port; ; candidate++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(candidate, '127.0.0.1', () => { server.off('error', reject); resolve() })
      })
      return { server, port: (server.address() as AddressInfo).port }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port === 0 || candidate > port + 50) throw error
    }
  }
}
