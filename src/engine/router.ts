/** Who hears which message: by exact type (one Map look-up), by `prefix*`, by predicate. */
import type { Message } from '../protocol/message.ts'
import { type Listeners, type ReportThrow, createListeners, deliver, listenTo } from './listeners.ts'

/** Hears the data of a message, and the message. */
export type MessageListener<Data = unknown> = (data: Data, message: Message<Data>) => void

type MessageListeners = Listeners<unknown, Message>

interface Loose {
  readonly matches: (message: Message) => boolean
  readonly listeners: MessageListeners
}

/** Routes messages to listeners. */
export interface Router {
  /** Adds a listener; the returned function removes it. */
  add(pattern: string | ((message: Message) => boolean), listener: MessageListener): () => void
  /** Calls everyone whose pattern matches, until `isOver`. */
  route(message: Message, isOver: () => boolean): void
  clear(): void
}

/** A router without listeners. `report` hears what listeners and predicates throw. */
export function createRouter(report: ReportThrow): Router {
  const exact = new Map<string, MessageListeners>()
  let loose: readonly Loose[] = []

  function add(pattern: string | ((message: Message) => boolean), listener: MessageListener): () => void {
    if (typeof pattern === 'string' && !pattern.endsWith('*')) {
      const list = exact.get(pattern) ?? createListeners()
      exact.set(pattern, list)
      return listenTo(list, listener, () => {
        if (list.entries.length === 0 && exact.get(pattern) === list) exact.delete(pattern)
      })
    }
    const prefix = typeof pattern === 'string' ? pattern.slice(0, -1) : ''
    const matches = typeof pattern === 'string' ? (message: Message) => message.type.startsWith(prefix) : pattern
    const listeners: MessageListeners = createListeners()
    const one: Loose = { matches, listeners }
    loose = [...loose, one]
    return listenTo(listeners, listener, () => {
      loose = loose.filter((other) => other !== one)
    })
  }

  function matchesSafely(one: Loose, message: Message): boolean {
    try {
      return one.matches(message)
    } catch (thrown) {
      report(thrown)
      return false
    }
  }

  function route(message: Message, isOver: () => boolean): void {
    const list = exact.get(message.type)
    if (list !== undefined) deliver(list, message.data, message, report, isOver)
    if (loose.length === 0) return
    for (const one of loose) {
      if (isOver()) return
      if (matchesSafely(one, message)) deliver(one.listeners, message.data, message, report, isOver)
    }
  }

  function clear(): void {
    exact.clear()
    loose = []
  }

  return { add, route, clear }
}
