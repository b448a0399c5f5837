import type { Meta, StoryObj } from '@storybook/react-vite'
import { type ReactNode, useState } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionIndicator, UplinkProvider, useConnectionDisplay, useWebSocket } from 'uplink'
import { Application } from '../support/application.tsx'
import { Market } from '../support/market.tsx'
import { useWorld } from '../support/playground.tsx'
import { type World, createWorld } from '../support/world.ts'

/** Who is signed in; in an application this is a cookie, or a session of its own. */
interface Session {
  token(): string | null
  begin(): void
  end(): void
}

function createSession(): Session {
  let token: string | null = 'first'
  return {
    token: () => token,
    begin() {
      token = 'fresh'
    },
    end() {
      token = null
    },
  }
}

function SignIn({ session }: { readonly session: Session }): ReactNode {
  const { state, remedy } = useConnectionDisplay()
  const { reconnect } = useWebSocket()
  if (state !== 'error' || remedy !== 'sign_in') return null
  return (
    <section className="p-notice" aria-label="Sign in">
      <span><strong>You were signed out.</strong> Prices stand still until you sign in again.</span>
      <button type="button" className="p-button p-primary" onClick={() => { session.begin(); reconnect() }}>Sign in</button>
    </section>
  )
}

function Desk(): ReactNode {
  const [session] = useState(createSession)
  const world: World = useWorld(() => createWorld(
    { credentials: () => session.token() },
    { authenticate: (token) => (token === null || token === undefined ? null : { identity: 'ada' }) },
  ))
  return (
    <UplinkProvider uplink={world.uplink}>
      <div className="p-playground">
        <Application end={<ConnectionIndicator />} notice={<SignIn session={session} />}>
          <main className="p-main"><section className="p-card" aria-label="Quotes"><Market symbols={['AAPL', 'NVDA', 'TSLA']} /></section></main>
        </Application>
        <div className="p-faults">
          <button type="button" className="p-button" onClick={() => { session.end(); world.server.dropAll(4401, 'token expired') }}>Let the login expire</button>
        </div>
      </div>
    </UplinkProvider>
  )
}

/**
 * The server closes with 4401. uplink asks the application for credentials once; where there are none, trying again helps
 * nobody, so it stops and says what does. `remedy` is the word to build on.
 *
 * ```tsx
 * const { state, remedy } = useConnectionDisplay()
 * if (state === 'error' && remedy === 'sign_in') return <SignIn onDone={reconnect} />
 * ```
 */
const meta = {
  title: 'Recipes/Login expired',
  tags: ['autodocs'],
  render: () => <Desk />,
} satisfies Meta

export default meta
type Story = StoryObj<typeof meta>

export const LoginExpired: Story = {
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    const indicator = (): Element | null => canvasElement.querySelector('[data-slot="connection-indicator"]')
    await waitFor(() => expect(indicator()).toHaveAttribute('data-state', 'connected'), { timeout: 5_000 })
    await userEvent.click(canvas.getByRole('button', { name: 'Let the login expire' }))
    await userEvent.click(await canvas.findByRole('button', { name: 'Sign in' }, { timeout: 5_000 }))
    await waitFor(() => expect(indicator()).toHaveAttribute('data-state', 'connected'), { timeout: 5_000 })
    await expect(canvas.queryByRole('button', { name: 'Sign in' })).toBeNull()
  },
}

export const Dark: Story = { globals: { theme: 'dark' } }
