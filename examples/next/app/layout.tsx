import type { Metadata } from 'next'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { ConnectionIndicator } from 'uplink'
import 'uplink/styles.css'
import './page.css'
import { feedUrl } from './feed-url.ts'
import { LiveProvider } from './live-provider.tsx'

export const metadata: Metadata = { title: 'Live prices', description: 'Rendered on the server, live in the browser.' }

/** A server component: the provider below it is a client one, and what it wraps may be either. */
export default async function Layout({ children }: { readonly children: ReactNode }): Promise<ReactNode> {
  await connection()
  return (
    <html lang="en">
      <body>
        <LiveProvider url={`${feedUrl().replace(/^http/, 'ws')}/ws`}>
          <header><strong>Live prices</strong><ConnectionIndicator /></header>
          {children}
        </LiveProvider>
      </body>
    </html>
  )
}
