/** What a session is told, as frames no larger than it takes. Pure. docs/PROTOCOL.md, sections 4 and 6. */
import type { ChannelRequest } from '../protocol/message.ts'
import type { Answer } from './results.ts'
import type { Session } from './session.ts'
import type { Entry, History } from './stream.ts'

/** The same answer, or a no where JSON cannot hold it. */
export function tellable(answer: Answer): Answer {
  if (!answer.ok || answer.data === undefined) return answer
  try {
    return JSON.stringify(answer.data) === undefined ? { ok: true } : answer
  } catch {
    return { ok: false, code: 'failed', message: 'the answer of the handler cannot be written as JSON', retryable: false }
  }
}

/** The answer to a message, as a frame; without its data where the client does not take a frame so large. */
export function answerFrame(id: string, answer: Answer, maxFrame: number = Infinity): string {
  if (answer.ok) {
    const text = JSON.stringify({ type: 'ack', id, data: answer.data })
    return text.length <= maxFrame ? text : JSON.stringify({ type: 'ack', id })
  }
  const { code, message, retryable, retryAfterMs } = answer
  return JSON.stringify({ type: 'nack', id, code, message, retryable, retryAfter: retryAfterMs })
}

/** Room that a frame needs around the messages it holds. */
export const WRAPPING = 64

/**
 * The frames that tell where a subscription stands, and everything that follows, none larger than the client
 * takes. `null` where that cannot be: a single message is larger.
 */
export function standingFrames(request: ChannelRequest, stream: string, history: History, maxFrame: number): string[] | null {
  const { epoch, top, recovered, reason, entries, snapshot } = history
  const offset = snapshot !== undefined ? snapshot.offset : recovered && request.mode !== 'latest' ? (request.recover?.offset ?? top) : entries.length > 0 ? (entries[0] as Entry).from - 1 : top
  const head = JSON.stringify({
    type: 'subscription_confirmed', channel: request.channel, ref: request.ref, stream, epoch, offset, top, recovered,
    reason: request.recover === undefined ? undefined : reason, snapshot: snapshot?.data,
  }).slice(0, -1)
  if (head.length + WRAPPING > maxFrame && snapshot !== undefined) return null
  const parts = cut(entries, maxFrame, head.length)
  if (parts === null) return null
  const [first = [], ...more] = parts
  return [`${head}${first.length > 0 ? `,"messages":[${first.join(',')}]` : ''}}`, ...more.map(batchOf)]
}

/** Messages as frames no larger than the client takes; `null` where a single one is larger. */
export function batchFrames(entries: readonly Entry[], maxFrame: number): string[] | null {
  return cut(entries, maxFrame, 0)?.filter((texts) => texts.length > 0).map((texts) => (texts.length === 1 ? (texts[0] as string) : batchOf(texts))) ?? null
}

/** Messages as frames for one session: plain clients know nothing of batches. `null` where one is larger than it takes. */
export function framesFor({ plain, maxFrame }: Session, entries: readonly Entry[]): string[] | null {
  return plain ? entries.map(({ text }) => text) : batchFrames(entries, maxFrame)
}

/** Several messages as one frame. */
export function batchOf(texts: readonly string[]): string {
  return `{"type":"batch","messages":[${texts.join(',')}]}`
}

/** The texts of messages, cut into frames; `head` is what the first frame holds besides. */
function cut(entries: readonly Entry[], maxFrame: number, head: number): string[][] | null {
  const frames: string[][] = []
  let texts: string[] = []
  let size = head + WRAPPING
  for (const { text } of entries) {
    if (text.length + WRAPPING > maxFrame) return null
    if (size + text.length > maxFrame) {
      frames.push(texts)
      texts = []
      size = WRAPPING
    }
    texts.push(text)
    size += text.length + 1
  }
  frames.push(texts)
  return frames
}
