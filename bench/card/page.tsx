/** The page of the card bench: an uplink under load, with the card or without it; React's Profiler adds up what the card costs. */
import { Profiler, type ReactNode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { ConnectionStatusCard, UplinkProvider, createUplink } from 'uplink'
import 'uplink/styles.css'

/** What the bench reads. Times in ms. */
export interface Costs {
  seen: number
  commits: number
  renderMs: number
  longestMs: number
  begunAt: number
  endedAt: number
}

const CHANNELS = 200
const parameters = new URLSearchParams(location.search)
const total = Number(parameters.get('total'))
const costs: Costs = { seen: 0, commits: 0, renderMs: 0, longestMs: 0, begunAt: 0, endedAt: 0 }
let finish: () => void = () => undefined
Object.assign(window, { costs, whole: new Promise<void>((resolve) => { finish = resolve }) })

function Page(): ReactNode {
  const [uplink] = useState(() => createUplink({ url: `ws://${parameters.get('server')}/` }))
  useEffect(() => {
    const leases = Array.from({ length: CHANNELS }, (_, index) => uplink.channel(`c${index}`))
    const forget = uplink.subscribe('tick', () => {
      costs.begunAt ||= performance.now()
      if (++costs.seen < total) return
      costs.endedAt = performance.now()
      finish()
    })
    return () => {
      forget()
      for (const lease of leases) lease.release()
    }
  }, [uplink])
  function note(_: string, __: string, actualMs: number): void {
    if (costs.begunAt === 0) return
    costs.commits++
    costs.renderMs += actualMs
    costs.longestMs = Math.max(costs.longestMs, actualMs)
  }
  return (
    <UplinkProvider uplink={uplink}>
      {parameters.get('variant') === 'card' && <Profiler id="card" onRender={note}><ConnectionStatusCard heading="Under load" /></Profiler>}
    </UplinkProvider>
  )
}

createRoot(document.getElementById('root') as HTMLElement).render(<Page />)
