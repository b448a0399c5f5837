import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, within } from 'storybook/test'
import { ConnectionBanner, ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, type LabelOverrides, LabelsProvider } from 'uplink'
import { GERMAN } from 'uplink/labels/de'
import { InScene } from './support/every-state.tsx'

const POLISH: LabelOverrides = {
  locale: 'pl',
  connection: 'Połączenie',
  states: { reconnecting: 'Łączenie ponowne' },
  transitions: (count, plural) => `${count} ${plural === 'one' ? 'zmiana' : plural === 'few' ? 'zmiany' : 'zmian'} stanu`,
}

interface Args {
  readonly labels: LabelOverrides
}

/** One catalogue for a page. German is complete; of another language you give what you have, and the rest stays English. */
const meta = {
  title: 'Languages',
  render: ({ labels }) => (
    <LabelsProvider labels={labels}>
      <InScene scene="reconnecting">
        <div className="story-stack" style={{ width: '24rem' }}><div style={{ width: '100%', height: '6.5rem' }}><ConnectionBanner grace={0} /></div><ConnectionIndicator /><ConnectionStatus showDetails /><ConnectionStatusCard /></div>
      </InScene>
    </LabelsProvider>
  ),
} satisfies Meta<Args>

export default meta
type Story = StoryObj<Args>

export const German: Story = {
  args: { labels: GERMAN },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await expect(canvas.getByRole('region', { name: 'Verbindung' })).toHaveTextContent('Die Verbindung ist abgerissen. Nächster Versuch in 12 Sek.')
    await expect(canvas.getByRole('img', { name: 'Die letzten 3 Wechsel' })).toBeVisible()
  },
}

/** Three plural forms, by `Intl`. */
export const PolishInPart: Story = {
  args: { labels: POLISH },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    await expect(canvas.getByRole('img', { name: '3 zmiany stanu' })).toBeVisible()
    await expect(canvas.getByRole('region', { name: 'Połączenie' })).toHaveTextContent('Łączenie ponowne')
  },
}
