import type { ReactNode } from 'react'
import { ConnectionStatus, ConnectionStatusCard } from 'uplink'
import { feedUrl } from './feed-url.ts'
import type { Price } from './price.ts'
import { Prices } from './prices.tsx'

/** What is known before any socket is: none, where the feed does not answer. */
async function firstPrices(): Promise<readonly Price[]> {
  try {
    const answer = await fetch(`${feedUrl()}/prices`, { cache: 'no-store', signal: AbortSignal.timeout(2_000) })
    return (await answer.json()) as readonly Price[]
  } catch {
    return []
  }
}

/** A server component: its first HTML holds the prices of this moment; the browser goes on from there. */
export default async function Page(): Promise<ReactNode> {
  return (
    <main>
      <Prices initial={await firstPrices()} />
      <ConnectionStatus showDetails />
      <ConnectionStatusCard heading="Price feed" />
    </main>
  )
}
