import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Demo, startDemo } from '../../examples/dashboard/demo.ts'
import { FAULTS } from '../../examples/dashboard/shared.ts'

describe('the front', () => {
  let folder: string
  let demo: Demo
  let port: number
  const sockets: WebSocket[] = []

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'front-'))
    writeFileSync(join(folder, 'index.html'), '<p>page</p>')
    demo = await startDemo({ speed: 1, seed: 7, port: 0 }, folder)
    port = Number(new URL(demo.url).port)
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate()
    await demo.stop()
    rmSync(folder, { recursive: true })
  })

  /** fetch() would tidy up the very paths and headers that are of interest here. */
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') => new Promise<{ status: number; text: string }>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => { text += String(chunk) })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    }).on('error', reject).end()
  })
  const control = async (action: string, headers = {}) => JSON.parse((await ask(`/control/${action}`, headers, 'POST')).text) as { current: string | null }

  /** A client of the market: what it heard, and the code it was closed with. */
  function dial(headers: Record<string, string> = {}) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/market`, { headers })
    sockets.push(socket)
    const client = { socket, heard: 0, closed: 0 }
    socket.on('error', () => undefined)
    socket.on('open', () => socket.send('{"type":"subscribe","channels":["market"]}'))
    socket.on('message', () => { client.heard++ })
    socket.on('close', (code) => { client.closed = code })
    return client
  }
  const ticking = (client: ReturnType<typeof dial>) => {
    const before = client.heard
    return vi.waitFor(() => expect(client.heard).toBeGreaterThan(before + 2), 5_000)
  }
  const closed = (client: ReturnType<typeof dial>, code: number) => vi.waitFor(() => expect(client.closed).toBe(code), 5_000)

  it('serves the page, nothing outside of its folder, and survives what is not a path', async () => {
    expect(await ask('/')).toEqual({ status: 200, text: '<p>page</p>' })
    for (const path of ['/none', '/../package.json', '/..%2f..%2fetc%2fpasswd', '/%', '//', '/%00']) expect([path, (await ask(path)).status]).toEqual([path, 404])
    expect((await ask('/')).status).toBe(200)
  })

  it('takes orders and sockets from its own page only, whatever name leads to it', async () => {
    const foreign = { origin: 'http://elsewhere.example' }
    const rebound = { host: `elsewhere.example:${port}`, origin: `http://elsewhere.example:${port}` }
    for (const headers of [foreign, rebound]) {
      expect((await ask('/control/block', headers, 'POST')).status).toBe(403)
      await closed(dial(headers), 1006)
    }
    expect((await ask('/control')).text).toBe('{"current":null}')
    expect((await ask('/control/block', { host: `localhost:${port}`, origin: `http://localhost:${port}` }, 'POST')).text).toBe('{"current":"block"}')
  })

  it('names the faults there are when it is asked for another', async () => {
    const { status, text } = await ask('/control/earthquake', {}, 'POST')
    expect(status).toBe(404)
    for (const { id } of FAULTS) expect(text).toContain(id)
  })

  it.each([['overload', 1013], ['restart', 1012], ['block', 4403], ['drop', 1006], ['refuse', 1006], ['hang', 1006]])('%s ends every socket with code %i', async (fault, code) => {
    const clients = [dial(), dial()]
    for (const client of clients) await ticking(client)
    await control(fault)
    for (const client of clients) await closed(client, code)
    await control('heal')
    await ticking(dial())
  })

  it('block turns new sockets away, refuse resets them, hang leaves them waiting, until healed', async () => {
    await control('block')
    await closed(dial(), 4403)
    await control('refuse')
    await closed(dial(), 1006)
    expect(await control('hang')).toEqual({ current: 'hang' })
    expect((await ask('/control')).text).toBe('{"current":"hang"}')
    const waiting = dial()
    await vi.waitFor(() => expect(demo.path.connections()).toBe(1))
    await control('heal')
    await ticking(dial())
    expect(waiting.socket.readyState).toBe(WebSocket.CONNECTING)
  })

  it('half-open silences the sockets that are open, not new ones; silent silences all, and heals', async () => {
    const old = dial()
    await ticking(old)
    await control('half-open')
    const before = old.heard
    const fresh = dial()
    await ticking(fresh)
    expect([old.heard - before <= 1, old.socket.readyState]).toEqual([true, WebSocket.OPEN])
    await control('silent')
    const mute = dial()
    await vi.waitFor(() => expect(mute.socket.readyState).toBe(WebSocket.OPEN))
    expect(mute.heard).toBe(0)
    await control('heal')
    await ticking(fresh)
  })

  it('moves on to the next port where one is taken', async () => {
    const second = await startDemo({ speed: 1, seed: 7, port }, folder)
    expect(Number(new URL(second.url).port)).toBeGreaterThan(port)
    await second.stop()
  })

  it('leaves no port open when it stops, also with sockets in every condition', async () => {
    await ticking(dial())
    await control('half-open')
    await ticking(dial())
    await control('hang')
    dial()
    await demo.stop()
    await expect(new Promise((resolve, reject) => connect(port, '127.0.0.1').on('connect', resolve).on('error', reject))).rejects.toThrow('ECONNREFUSED')
    demo = await startDemo({ speed: 1, seed: 7, port: 0 }, folder)
  })
})
