import type { Meta, StoryObj } from '@storybook/react-vite'
import type { ReactNode } from 'react'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionBanner } from 'uplink'
import { SCENES, SITUATIONS, SceneProvider, outageOf } from './support/scenes.tsx'

function Page({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div style={{ width: 'min(44rem, 90vw)', height: '11rem', overflow: 'auto', border: '1px dashed color-mix(in srgb, currentColor 30%, transparent)', borderRadius: 8 }}>
      {children}
      <p style={{ margin: '1.5rem' }}>The page lies under the banner, and nothing on it moves when the banner comes or goes.</p>
    </div>
  )
}

/**
 * Across the top of a page, for outages that are worth an interruption: what is wrong, what to do, and a receipt when it is over.
 *
 * Do put one on a page, as the first child of what scrolls. Do not use it as the only sign of the state: it is not there while all is well.
 */
const meta = {
  title: 'Components/ConnectionBanner',
  component: ConnectionBanner,
  tags: ['autodocs'],
  args: { grace: 0, onReconnect: fn(), actions: { sign_in: fn() } },
  render: (args) => <SceneProvider scene={SITUATIONS['server gone']}><Page><ConnectionBanner {...args} /></Page></SceneProvider>,
} satisfies Meta<typeof ConnectionBanner>

export default meta
type Story = StoryObj<typeof meta>

export const Default: Story = {}

export const EverySituationLight: Story = {
  render: (args) => (
    <div className="story-stack">
      {Object.entries({ ...SITUATIONS, 'catching up': SCENES.catching_up }).map(([name, scene]) => (
        <SceneProvider key={name} scene={scene}><Page><ConnectionBanner {...args} /></Page></SceneProvider>
      ))}
    </div>
  ),
  play: async ({ canvasElement }) => {
    const said = [...canvasElement.querySelectorAll('[data-slot="explanation"]')].map(({ textContent }) => textContent)
    await expect(new Set(said).size).toBe(6)
  },
}
export const EverySituationDark: Story = { ...EverySituationLight, globals: { theme: 'dark' } }
export const RightToLeft: Story = { ...EverySituationLight, globals: { direction: 'rtl' } }

export const AtTheBottom: Story = {
  args: { placement: 'bottom' },
  render: (args) => (
    <SceneProvider scene={SITUATIONS['server gone']}>
      <div style={{ width: 'min(44rem, 90vw)', height: '11rem', display: 'grid', alignContent: 'space-between', border: '1px dashed' }}><p>The page</p><ConnectionBanner {...args} /></div>
    </SceneProvider>
  ),
}

let playing: ReturnType<typeof outageOf>

/** From the loss to the receipt. */
export const Receipt: Story = {
  args: { grace: 3_000 },
  beforeEach: () => { playing = outageOf() },
  render: (args) => <SceneProvider scene={() => playing}><Page><ConnectionBanner {...args} /></Page></SceneProvider>,
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    const { platform, server, uplink } = playing
    server.socket().end()
    for (let n = 0; n < 3; n++) uplink.send({ type: 'order', data: n })
    for (let second = 0; second < 42; second++) platform.clock.advance(1_000)
    await waitFor(() => expect(canvas.getByText('Reconnecting')).toBeVisible())
    server.admit()
    uplink.reconnect()
    for (let n = 0; n < 128; n++) server.socket().receive({ type: 'tick', data: n })
    platform.clock.advance(1_000)
    await waitFor(() => expect(canvas.getByText('Back after 42 sec')).toBeVisible())
    await expect(canvas.getByText('3 sent, 0 dropped, 128 received')).toBeVisible()
    await userEvent.click(canvas.getByRole('button', { name: 'Details' }))
    await expect(canvas.getByRole('list', { name: 'Course of the outage' })).toHaveTextContent('Connected again')
  },
}

export const SignsIn: Story = {
  render: (args) => <SceneProvider scene={SITUATIONS['token expired']}><Page><ConnectionBanner {...args} /></Page></SceneProvider>,
  play: async ({ canvasElement, args }) => {
    await userEvent.click(within(canvasElement).getByRole('button', { name: 'Sign in' }))
    await expect(args.actions?.sign_in).toHaveBeenCalledOnce()
    await userEvent.click(within(canvasElement).getByRole('button', { name: 'Hide' }))
    await expect(canvasElement.querySelector('[data-slot="banner-panel"]')).toBeNull()
  },
}
