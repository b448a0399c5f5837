/** Serves the page beside the stand-in: its files, and the switches that break streams and REST. */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { CONTROL_PATH, type ServerState, type Switches } from '../shared.ts'

/** What the page's server needs. */
export interface PageHost {
  readonly folder: string
  state(): ServerState
  block(switches: Switches): void
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.map': 'application/json',
}

/** Bodies of switches are short. */
const BODY_MOST = 1_000

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > BODY_MOST) throw new RangeError('too long')
  }
  return body
}

async function serveFile(folder: string, path: string, response: ServerResponse): Promise<void> {
  const file = join(folder, normalize(path === '/' ? 'index.html' : path))
  if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) throw new RangeError('outside')
  const body = await readFile(file)
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body)
}

async function control(host: PageHost, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A page of another origin must not break this server, and browsers send `Origin` with every such request.
  const { origin, host: name } = request.headers
  if (origin !== undefined && origin !== `http://${name}`) return void response.writeHead(403).end()
  if (request.method === 'POST') {
    const { socket, rest } = JSON.parse(await bodyOf(request)) as Partial<Switches>
    host.block({ socket: socket === true, rest: rest === true })
  }
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(host.state()))
}

/** Answers what is neither REST nor a stream. */
export function servePage(host: PageHost): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    const answering = pathname === CONTROL_PATH ? control(host, request, response) : serveFile(host.folder, decodeURIComponent(pathname), response)
    answering.catch(() => response.writeHead(404, { 'content-type': 'text/plain' }).end('not found'))
  }
}
