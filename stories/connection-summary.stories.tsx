import type { Meta, StoryObj } from '@storybook/react-vite'
import { type ReactNode, useState } from 'react'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionSummary, ConnectionSummaryIndicator, type ConnectionSummaryProps, type NamedConnection } from 'uplink'
import { SCENES, type SceneName } from './support/scenes.tsx'

type Feeds = Readonly<Record<string, SceneName>>

const ABOUT: Readonly<Record<string, Pick<NamedConnection, 'impact' | 'affects'>>> = {
  Orders: { impact: 'critical', affects: 'Orders wait until it is back.' },
  Prices: { impact: 'critical' },
  News: { impact: 'background' },
  Chat: { impact: 'background' },
}

const connectionsOf = (feeds: Feeds): NamedConnection[] => Object.entries(feeds).map(([name, scene]) => ({ name, uplink: SCENES[scene]().uplink, ...ABOUT[name] }))

function Desk({ feeds, ...props }: Omit<ConnectionSummaryProps, 'connections'> & { readonly feeds: Feeds }): ReactNode {
  const [connections] = useState(() => connectionsOf(feeds))
  return <ConnectionSummary {...props} connections={connections} />
}

const DESKS: Readonly<Record<string, Feeds>> = {
  'all is well': { Orders: 'connected', Prices: 'connected', News: 'connected' },
  'something critical is lost': { Orders: 'reconnecting', Prices: 'connected', News: 'connected' },
  'only the background is lost': { Orders: 'connected', Prices: 'connected', News: 'error' },
  'the device is offline': { Orders: 'offline', Prices: 'offline', News: 'offline' },
  'catching up': { Orders: 'connected', Prices: 'catching_up', News: 'connected' },
  'one is away on request': { Orders: 'connected', Prices: 'connected', News: 'disconnected' },
  'just starting': { Orders: 'connecting', Prices: 'connecting', News: 'connected' },
  'only one': { Prices: 'connected' },
}

let desks: Array<readonly [name: string, connections: NamedConnection[]]> | undefined

/** All desks, lived through once: nobody changes anything on the sheets that show them. */
const allDesks = (): NonNullable<typeof desks> => (desks ??= Object.entries(DESKS).map(([name, feeds]) => [name, connectionsOf(feeds)]))

/** Several connections by the worst of them, weighed by what depends on each; a row for each, so that no feed's success clears another's warning. */
const meta = {
  title: 'Components/ConnectionSummary',
  component: ConnectionSummary,
  tags: ['autodocs'],
  args: { connections: [], onReconnect: fn() },
  render: ({ connections: _none, ...args }) => <Desk {...args} feeds={{ Orders: 'reconnecting', Prices: 'connected', News: 'error', Chat: 'connected' }} />,
} satisfies Meta<typeof ConnectionSummary>

export default meta
type Story = StoryObj<typeof meta>

const verdict = (canvas: HTMLElement): HTMLElement => canvas.querySelector('[data-slot="verdict"]') as HTMLElement

export const Default: Story = {
  play: async ({ canvasElement }) => {
    await expect(verdict(canvasElement)).toHaveTextContent('Orders: Reconnecting')
    await expect(canvasElement).toHaveTextContent('One more is affected.')
  },
}

export const EveryVerdictLight: Story = {
  render: ({ connections: _none, ...args }) => (
    <div className="story-grid">
      {allDesks().map(([name, connections]) => <div key={name} className="story-life"><ConnectionSummary {...args} heading={name} connections={connections} /></div>)}
    </div>
  ),
  play: async ({ canvasElement }) => {
    const levels = [...canvasElement.querySelectorAll('[data-slot="connection-summary"]')].map((element) => element.getAttribute('data-state'))
    await expect(levels).toEqual(['fine', 'down', 'degraded', 'down', 'degraded', 'idle', 'degraded', 'fine'])
    const heights = [...canvasElement.querySelectorAll('[data-slot="summary-row"]')].map((row) => Math.round(row.getBoundingClientRect().height))
    await expect(new Set(heights).size, heights.join(' ')).toBe(1)
  },
}
export const EveryVerdictDark: Story = { ...EveryVerdictLight, globals: { theme: 'dark' } }
export const RightToLeft: Story = { ...EveryVerdictLight, globals: { direction: 'rtl' } }
export const Narrow: Story = {
  render: ({ connections: _none, ...args }) => <div style={{ width: '15rem' }}><Desk {...args} feeds={{ 'A feed with a long name': 'reconnecting', Prices: 'connected' }} /></div>,
  play: async ({ canvasElement }) => {
    await expect((canvasElement.querySelector('[data-slot="connection-summary"]') as Element).scrollWidth).toBeLessThanOrEqual(240)
  },
}

export const ReconnectsOne: Story = {
  play: async ({ canvasElement, args }) => {
    const [orders] = within(canvasElement).getAllByRole('listitem')
    await userEvent.click(within(orders as HTMLElement).getByRole('button', { name: 'Reconnect' }))
    await expect(args.onReconnect).toHaveBeenCalledWith('Orders')
  },
}

export const DetailsByKeyboard: Story = {
  play: async ({ canvasElement }) => {
    within(canvasElement).getByRole('button', { name: /^News ?: Failed$/ }).focus()
    await userEvent.keyboard('{Enter}')
    const details = await within(canvasElement.ownerDocument.body).findByRole('dialog', { name: 'Connection details' })
    await waitFor(() => expect(details).toHaveTextContent('Failed'))
    await userEvent.keyboard('{Escape}')
  },
}

export const InAHeader: Story = {
  render: () => <div className="story-stack">{allDesks().map(([name, connections]) => <ConnectionSummaryIndicator key={name} connections={connections} />)}</div>,
  play: async ({ canvasElement }) => {
    const body = within(canvasElement.ownerDocument.body)
    const pills = [...canvasElement.querySelectorAll<HTMLElement>('[data-slot="connection-summary-indicator"]')]
    await expect(pills.map((pill) => pill.dataset['level'])).toEqual(['fine', 'down', 'degraded', 'down', 'degraded', 'idle', 'degraded', 'fine'])
    const ofThree = pills.slice(0, 7).map((pill) => Math.round(pill.getBoundingClientRect().width))
    await expect(new Set(ofThree).size, ofThree.join(' ')).toBe(1)
    const pill = within(canvasElement).getByRole('button', { name: 'Orders: Reconnecting' })
    pill.focus()
    await userEvent.keyboard('{Enter}')
    const rows = await body.findByRole('dialog', { name: 'Connections' })
    await expect(within(rows).getAllByRole('listitem')).toHaveLength(3)
    await userEvent.click(within(rows).getByRole('button', { name: /^Orders ?: Reconnecting$/ }))
    await expect(await body.findByRole('dialog', { name: 'Connection details' })).toHaveTextContent('The connection was lost.')
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(body.queryByRole('dialog', { name: 'Connection details' })).toBeNull())
    await expect(body.getByRole('dialog', { name: 'Connections' })).toBeVisible()
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(pill).toHaveFocus())
  },
}
export const InADarkHeader: Story = { ...InAHeader, globals: { theme: 'dark' } }
