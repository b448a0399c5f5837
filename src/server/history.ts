/** Clients that ask for pages of history: one answer for every question, none larger than the client takes. docs/PROTOCOL.md, section 6. */
import type { Message } from '../protocol/message.ts'
import { spend } from './allowances.ts'
import type { HubInput } from './effects.ts'
import { WRAPPING, answerFrame } from './frames.ts'
import type { HubHost } from './host.ts'
import { use } from './idleness.ts'
import { shutOut } from './messages.ts'
import { type Page, readQuestion, within } from './paging.ts'
import type { Session } from './session.ts'

/** Questions of one client that wait for their page; one that does not read its answers could ask for ever. */
const ASKED_MOST = 32
const BUSY_MS = 1_000

/** Questions about history. */
export interface Histories {
  /** A client asks, under an id. */
  ask(session: Session, id: string, message: Message): void
  paged(input: HubInput & { readonly type: 'paged' }): void
}

/** Makes what answers questions about history. */
export function createHistories(host: HubHost): Histories {
  function refuse({ number }: Session, id: string, code: string, message: string, more: { readonly retryable: boolean; readonly retryAfterMs?: number } = { retryable: false }): void {
    host.send(number, answerFrame(id, { ok: false, code, message, ...more }))
  }

  return {
    ask(session, id, { data }) {
      const verdict = spend(session.allowances, 'commands', host.now())
      if (verdict === 'abuse') return shutOut(host, session)
      if (verdict !== 'ok') return refuse(session, id, 'rate_limited', 'too many requests; send them later', { retryable: true, retryAfterMs: verdict })
      const request = readQuestion(data)
      if (request === null) return refuse(session, id, 'invalid', 'it is {channel, params?, before? or after?: {epoch, offset}, limit?}')
      session.asked ??= new Set()
      // Whoever asks again while it is read gets the one answer.
      if (session.asked.has(id)) return
      if (session.asked.size >= ASKED_MOST) return refuse(session, id, 'busy', 'too many pages are waited for', { retryable: true, retryAfterMs: BUSY_MS })
      session.asked.add(id)
      host.emit({ type: 'page', session: session.number, id, identity: session.user.identity, request })
    },
    paged({ session: number, id, page }) {
      const session = host.sessions.get(number)
      if (session?.asked?.delete(id) !== true) return
      use(session, host.now())
      if ('code' in page) return refuse(session, id, page.code, page.message, { retryable: page.retryable === true })
      const head = ({ stream, epoch, top, more, reason }: Page): string => JSON.stringify({ type: 'ack', id, data: { stream, epoch, top, more, reason } }).slice(0, -2)
      const room = session.maxFrame - head(page).length - WRAPPING
      const fitting = within(page, room, room)
      if (fitting.entries.length === 0 && page.entries.length > 0) {
        return refuse(session, id, 'too_large', `message ${page.entries.at(page.isForward ? 0 : -1)?.offset} is larger than the frames you take`)
      }
      host.send(number, `${head(fitting)},"messages":[${fitting.entries.map(({ text }) => text).join(',')}]}}`)
    },
  }
}
