import type { Meta, StoryObj } from '@storybook/react-vite'
import { type ReactNode, useState } from 'react'
import { expect } from 'storybook/test'
import { SourceBadge, UplinkProvider } from 'uplink'
import { createFeed } from './support/feed.tsx'

/** Ages are told from here. */
function useNow(): { readonly uplink: ReturnType<typeof createFeed>['uplink']; readonly now: number } {
  const [scene] = useState(() => {
    const { uplink } = createFeed()
    return { uplink, now: uplink.platform.time() }
  })
  return scene
}

const ROWS = [['live', 40], ['fallback', 5_000], ['cache', 192_000], ['cache', null]] as const

function EverySource(): ReactNode {
  const { uplink, now } = useNow()
  return (
    <UplinkProvider uplink={uplink}>
      <table>
        <tbody>
          {ROWS.map(([source, age]) => (
            <tr key={`${source} ${age}`}>
              <td><SourceBadge source={source} updatedAt={age === null ? null : now - age} /></td>
              <td><SourceBadge compact source={source} updatedAt={age === null ? null : now - age} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </UplinkProvider>
  )
}

/** Beside a number: where it came from, and how old it is if it is not live. */
const meta = {
  title: 'Components/SourceBadge',
  component: SourceBadge,
  tags: ['autodocs'],
  args: { source: 'live', updatedAt: 0 },
  render: (args) => <EverySource key={args.source} />,
} satisfies Meta<typeof SourceBadge>

export default meta

/** Every source, with words and as a mark alone. */
export const Sources: StoryObj<typeof meta> = {
  play: async ({ canvas }) => {
    await expect(canvas.getAllByText('Live')).toHaveLength(2)
    await expect(await canvas.findByText('5 sec ago')).toBeVisible()
    await expect(canvas.getByText('3 min ago')).toBeVisible()
    await expect(canvas.getAllByTitle('Delayed')).toHaveLength(1)
    await expect(canvas.queryByText('40 ms ago')).toBeNull()
  },
}
