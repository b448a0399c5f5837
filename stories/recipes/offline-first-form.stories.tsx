import type { Meta, StoryObj } from '@storybook/react-vite'
import { type ReactNode, type SubmitEvent, useState } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { ConnectionIndicator, useOutbox, useWebSocket } from 'uplink'
import { Application } from '../support/application.tsx'
import { Playground } from '../support/playground.tsx'

interface Note {
  readonly key: number
  readonly text: string
  readonly outcome: string
}

const WORDS: Readonly<Record<string, string>> = { waiting: 'Waiting for the connection', delivered: 'Delivered', rejected: 'Refused', expired: 'Too old to send' }

function Notes(): ReactNode {
  const { sendWithAck } = useWebSocket()
  const { queued, inFlight } = useOutbox()
  const [notes, setNotes] = useState<readonly Note[]>([])
  const [draft, setDraft] = useState('')

  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const text = draft.trim()
    if (text === '') return
    setDraft('')
    const key = notes.length
    setNotes((before) => [{ key, text, outcome: 'waiting' }, ...before])
    const { outcome } = await sendWithAck({ type: 'note', data: { text } })
    setNotes((before) => before.map((note) => (note.key === key ? { ...note, outcome } : note)))
  }

  return (
    <main className="p-main">
      <section className="p-card" aria-label="New note">
        <form className="p-form" onSubmit={(event) => void submit(event)}>
          <label className="p-label">Note<input className="p-field" value={draft} onChange={({ target }) => setDraft(target.value)} autoComplete="off" placeholder="Pump 4 is warm again" /></label>
          <div className="p-row">
            <p className="p-dim" aria-label="Outbox">{queued + inFlight === 0 ? 'Everything is sent' : `${queued + inFlight} to be sent`}</p>
            <button type="submit" className="p-button p-primary">Save</button>
          </div>
        </form>
      </section>
      <ul className="p-list" aria-label="Notes">
        {notes.map(({ key, text, outcome }) => <li key={key}>{text}<span className="p-tag" data-outcome={outcome}>{WORDS[outcome] ?? outcome}</span></li>)}
      </ul>
    </main>
  )
}

/**
 * The form never locks. What is sent without a connection waits in the outbox, goes out in order when it is back, and is
 * handled once; `sendWithAck` says what became of each. With a `storage` it survives a reload as well.
 *
 * ```tsx
 * const { outcome } = await sendWithAck({ type: 'note', data }) // delivered, rejected, expired, …
 * const { queued } = useOutbox()
 * ```
 */
const meta = {
  title: 'Recipes/Offline-first form',
  tags: ['autodocs'],
  render: () => <Playground only={['cut', 'offline', 'restart']}><Application end={<ConnectionIndicator />}><Notes /></Application></Playground>,
} satisfies Meta

export default meta
type Story = StoryObj<typeof meta>

export const OfflineFirstForm: Story = {
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement)
    const save = async (text: string): Promise<void> => {
      await userEvent.type(canvas.getByLabelText('Note'), text)
      await userEvent.click(canvas.getByRole('button', { name: 'Save' }))
    }
    const notes = (): string[] => canvas.queryAllByRole('listitem').map((item) => item.textContent)
    await waitFor(() => expect(canvasElement.querySelector('[data-slot="connection-indicator"]')).toHaveAttribute('data-state', 'connected'))
    await save('first')
    await waitFor(() => expect(notes()).toEqual(['firstDelivered']), { timeout: 5_000 })
    await userEvent.click(canvas.getByRole('button', { name: 'Cut the network' }))
    await save('second')
    await save('third')
    await waitFor(() => expect(canvas.getByLabelText('Outbox')).toHaveTextContent('2 to be sent'), { timeout: 5_000 })
    await expect(notes()).toEqual(['thirdWaiting for the connection', 'secondWaiting for the connection', 'firstDelivered'])
    await userEvent.click(canvas.getByRole('button', { name: 'Heal' }))
    await waitFor(() => expect(notes()).toEqual(['thirdDelivered', 'secondDelivered', 'firstDelivered']), { timeout: 9_000 })
  },
}

export const Dark: Story = { globals: { theme: 'dark' } }
