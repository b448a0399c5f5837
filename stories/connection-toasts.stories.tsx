import type { Meta, StoryObj } from '@storybook/react-vite'
import { Toaster as Sonner, toast } from 'sonner'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionToasts } from 'uplink'
import { BreakableFeed } from './support/feed.tsx'
import { sonner } from './support/sonner.ts'

/** Hands losses, recoveries and failures to the toaster that a page has already; here sonner. A connection has one toast, which changes. */
const meta = {
  title: 'Components/ConnectionToasts',
  component: ConnectionToasts,
  tags: ['autodocs'],
  args: { toaster: sonner },
  beforeEach: () => () => { toast.dismiss() },
  render: (args, { globals }) => (
    <BreakableFeed>
      {() => (
        <>
          <ConnectionToasts {...args} />
          <Sonner theme={globals['theme'] === 'dark' ? 'dark' : 'light'} dir={globals['direction'] === 'rtl' ? 'rtl' : 'ltr'} position="bottom-right" />
          <p style={{ margin: 0 }}>Lose the connection for more than a second, and bring it back.</p>
        </>
      )}
    </BreakableFeed>
  ),
} satisfies Meta<typeof ConnectionToasts>

export default meta
type Story = StoryObj<typeof meta>

const shown = (canvas: HTMLElement): HTMLElement[] => [...canvas.ownerDocument.querySelectorAll<HTMLElement>('[data-sonner-toast]:not([data-removed="true"])')]

export const OneToastForOneOutage: Story = {
  play: async ({ canvasElement }) => {
    const press = (name: string): Promise<void> => userEvent.click(within(canvasElement).getByRole('button', { name }))
    await waitFor(() => press('Publish a price'))
    await press('Lose the connection')
    await waitFor(() => expect(shown(canvasElement).map(({ textContent }) => textContent).join()).toContain('Connection lost'), { timeout: 5_000 })
    await expect(shown(canvasElement)).toHaveLength(1)
    await waitFor(() => expect(within(shown(canvasElement)[0] as HTMLElement).getByRole('button', { name: 'Reconnect' })).toBeVisible())
    await press('Bring it back')
    await waitFor(() => expect(shown(canvasElement).map(({ textContent }) => textContent).join()).toContain('Connection restored'), { timeout: 5_000 })
    await expect(shown(canvasElement)).toHaveLength(1)
  },
}
export const InTheDark: Story = { ...OneToastForOneOutage, globals: { theme: 'dark' } }
export const WithAName: Story = { args: { name: 'Prices' } }
