/** One client in a process of its own. The parent says when to run a round; the answer is the CPU it took. */
import { CLIENTS, type Servers } from './clients.ts'
import { RELIABLE } from './reliable.ts'

const [name = '', kind = '', serversText = '', countText = ''] = process.argv.slice(2)
const count = Number(countText)
const servers = JSON.parse(serversText) as Servers
const PAYLOAD = { symbol: 'BTCUSDT', side: 'buy', quantity: 0.25, price: 64_000 }

let received = 0
let finished = (): void => undefined
let until = Infinity

const client = await ({ ...CLIENTS, ...RELIABLE })[name]?.(servers, (data) => {
  received++
  if (received >= until || data === 'done') finished()
})
if (client === undefined) throw new Error(`no client named ${name}`)

async function round(): Promise<number> {
  received = 0
  until = kind === 'inbound' ? count : Infinity
  const done = new Promise<void>((resolve) => { finished = resolve })
  const before = process.cpuUsage()
  if (kind === 'inbound') client?.send({ burst: count })
  else {
    client?.send({ expect: count })
    // In slices, as an application would: the loop stays free for the network.
    for (let sent = 0; sent < count; sent++) {
      client?.send(PAYLOAD)
      if (sent % 200 === 199) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await done
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

process.on('message', () => void round().then((cpuMs) => process.send?.({ cpuMs })))
process.send?.({ ready: true })
