/** The page of the monitor bench: 200 components, each showing its channel's last price, with and without the monitor. */
import { type ReactNode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { UplinkProvider, createUplink, useChannel } from 'uplink'
import { ConnectionMonitor } from 'uplink/devtools'

const parameters = new URLSearchParams(location.search)
const variant = parameters.get('variant') ?? ''
const channels = Array.from({ length: 200 }, (_, index) => `c${index}`)
const { counts } = window as unknown as { readonly counts: Record<'seen' | 'frames' | 'late', number> }
const count = (): void => { counts.seen++ }

function Cell({ channel }: { readonly channel: string }): ReactNode {
  return <span>{useChannel<number>(channel, { onMessage: count }).data ?? '–'}</span>
}

function Page(): ReactNode {
  const [uplink] = useState(() => createUplink({ url: `ws://${parameters.get('server')}/` }))
  return (
    <UplinkProvider uplink={uplink}>
      <div>{channels.map((channel) => <Cell key={channel} channel={channel} />)}</div>
      {variant !== 'without' && variant !== 'without again' && <ConnectionMonitor enabled initialTab="messages" initialIsOpen={variant !== 'closed'} maxPerSecond={variant === 'open, every message kept' ? Infinity : 1_000} />}
    </UplinkProvider>
  )
}

let before = 0
function frame(now: number): void {
  if (before > 0 && counts.seen > 0) {
    counts.frames++
    counts.late += Math.max(0, Math.round((now - before) / (1_000 / 60)) - 1)
  }
  before = now
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)

createRoot(document.getElementById('root') as HTMLElement).render(<Page />)
