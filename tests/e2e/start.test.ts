/** `npm start`'s own command, from the flags to the end of the process. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

it.each(['SIGINT', 'SIGTERM'] as const)('prints what it shows and where, serves it, and ends cleanly on %s', async (signal) => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/dashboard/start.ts', '--port', '0', '--seed', '11'], { cwd: root })
  try {
    let [out, err] = ['', '']
    const ended = new Promise((resolve) => child.once('exit', (code, by) => resolve({ code, by })))
    child.stdout.on('data', (chunk) => { out += String(chunk) })
    child.stderr.on('data', (chunk) => { err += String(chunk) })
    await expect.poll(() => `${out}${err}`, { timeout: 60_000 }).toMatch(/^Simulated market, seed 11\nhttp:\/\/127\.0\.0\.1:\d+\/\n$/)
    const page = await (await fetch(out.trim().split('\n').at(-1) ?? '')).text()
    expect(page).toContain('<div id="root">')
    child.kill(signal)
    expect(await ended).toEqual({ code: 0, by: null })
  } finally {
    child.kill('SIGKILL')
  }
})
