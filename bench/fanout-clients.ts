/** Many clients in one process: they subscribe, and count what they hear; every fiftieth looks how late it is. */
import { WebSocket } from 'ws'

const [url = '', door = 'ws', countText = '0'] = process.argv.slice(2)
const count = Number(countText)
let heard = 0
let latencies: number[] = []

function open(index: number): Promise<void> {
  const isOurs = door === 'uplink.v1'
  const socket = new WebSocket(door !== 'socket.io' ? url : `${url}/socket.io/?EIO=4&transport=websocket`, isOurs ? ['uplink.v1'] : [], { perMessageDeflate: false, skipUTF8Validation: true })
  socket.on('message', (raw: Buffer) => {
    if (isOurs && raw.includes('"connection"')) return socket.send('{"type":"subscribe","channels":["c"]}')
    if (door === 'socket.io' && raw[0] === 0x30) return socket.send('40')
    if (door === 'socket.io' && raw[0] === 0x32) return socket.send('3')
    if (door === 'socket.io' && raw[0] === 0x34 && raw[1] === 0x30) return socket.send('42["subscribe",{"channels":["c"]}]')
    if (raw.length < 60 || raw.includes('subscription_confirmed') || raw.includes('"connection"')) return undefined
    // A batch holds several.
    const text = index % 50 === 0 ? raw.toString() : ''
    heard += raw.includes('"type":"batch"') ? raw.toString().split('"offset":').length - 1 : 1
    if (text !== '') latencies.push(Date.now() - Number(/"timestamp":(\d+)/.exec(text)?.[1]))
    return undefined
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('open', () => {
      if (door === 'ws') socket.send('{"type":"subscribe","channels":["c"]}')
      if (isOurs) socket.send(JSON.stringify({ type: 'hello', versions: [1], clientId: `${process.pid}-${index}`, maxFrame: 1_048_576 }))
      resolve()
    })
  })
}

for (let index = 0; index < count; index += 50) await Promise.all(Array.from({ length: Math.min(50, count - index) }, (_, one) => open(index + one)))

process.on('message', () => {
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  process.send?.({ heard, p50: at(0.5), p99: at(0.99) })
  heard = 0
  latencies = []
})
process.send?.({ ready: true })
