'use client'
/** Hands the news of a connection to the toaster that the page has already. */
import { useEffect, useRef } from 'react'
import { type Display, type UplinkTarget, useUplink } from 'uplink'
import { CORE_ENGLISH } from '../labels/english/core'
import { TOAST_ENGLISH, type ToastLabels } from '../labels/english/toasts'
import { formatDuration } from '../labels/format'
import type { CoreLabels, LabelOverrides } from '../labels/labels'
import { useLabels } from '../labels/use-labels'
import type { RemedyActions } from '../parts/actions'
import { type News, followNews, takeSeat } from '../parts/news'

/** One toast. Each connection has one at a time: the next one with its `id` takes its place. */
export interface ConnectionToast {
  /** The same for all toasts of a connection. */
  readonly id: string
  readonly kind: Exclude<News['kind'], 'disconnected'>
  readonly severity: 'info' | 'success' | 'warning' | 'error'
  readonly title: string
  readonly description: string
  /** It stays until another one takes its place, or it is dismissed; the others go after their time. */
  readonly isLasting: boolean
  /** What can be done about it. */
  readonly action: { readonly label: string; readonly run: () => void } | null
}

/** What a page's toaster has to do. */
export interface Toaster {
  /** Shows a toast, in place of one with the same `id`. */
  show(toast: ConnectionToast): void
  dismiss(id: string): void
}

/** Props of {@link ConnectionToasts}. */
export interface ConnectionToastsProps {
  /** The page's toaster. */
  readonly toaster: Toaster
  /** What people call the connection, where there are several. Names the toasts, and keeps them apart. */
  readonly name?: string
  /** What the page does for a remedy that only it can do, for example `{ sign_in: openLogin }`. */
  readonly actions?: RemedyActions
  /** The toaster is a live region, as sonner's and Radix's are; then nobody else speaks of the connection. @default true */
  readonly isSpoken?: boolean
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

const ENGLISH = { ...CORE_ENGLISH, ...TOAST_ENGLISH }

type Words = Pick<ConnectionToast, 'kind' | 'severity' | 'title' | 'description' | 'isLasting'>

function wordsOf(news: News, { cause, remedy }: Display, labels: CoreLabels & ToastLabels): Words | null {
  const why = [labels.causes[cause], labels.remedies[remedy]].filter((sentence) => sentence !== '').join(' ')
  switch (news.kind) {
    case 'lost': return { kind: 'lost', severity: 'warning', title: labels.toastLost, description: why, isLasting: true }
    case 'failed': return { kind: 'failed', severity: 'error', title: labels.toastFailed, description: why, isLasting: true }
    case 'behind': return { kind: 'behind', severity: 'info', title: labels.toastBehind, description: labels.causes.behind, isLasting: true }
    case 'delayed': return { kind: 'delayed', severity: 'warning', title: labels.states.delayed, description: labels.delayedEvery(formatDuration(news.everyMs, labels)), isLasting: true }
    case 'restored': return { kind: 'restored', severity: 'success', title: labels.toastRestored, description: labels.toastAfter(formatDuration(news.afterMs, labels)), isLasting: false }
    default: return null
  }
}

/**
 * Tells the page's toaster of losses, recoveries and failures: what has settled, once each, and never what was so
 * already when it appeared. A connection has one toast, which changes; toasts do not pile up. Renders nothing.
 *
 * @example
 * <ConnectionToasts toaster={{
 *   show: ({ id, severity, title, description }) => toast[severity](title, { id, description }),
 *   dismiss: (id) => toast.dismiss(id),
 * }} />
 */
export function ConnectionToasts({ toaster, name, actions, isSpoken = true, uplink: target, labels: given }: ConnectionToastsProps): null {
  const { display, reconnect } = useUplink(target)
  const labels = useLabels(ENGLISH, given)
  const latest = useRef({ toaster, actions, labels, reconnect })
  useEffect(() => {
    latest.current = { toaster, actions, labels, reconnect }
  }, [toaster, actions, labels, reconnect])
  const id = name === undefined ? 'uplink' : `${name}`
  useEffect(() => {
    let shows = false
    const forget = followNews(display, (news) => {
      const current = latest.current
      const shown = display.getState()
      const words = wordsOf(news, shown, current.labels)
      if (words === null) {
        shows = false
        return current.toaster.dismiss(id)
      }
      shows = words.isLasting
      const title = name === undefined ? words.title : current.labels.toastOf(name, words.title)
      current.toaster.show({ ...words, id, title, action: actionOf(words, shown, current) })
    })
    return () => {
      forget()
      // What nobody would ever change again has no place on the page.
      if (shows) latest.current.toaster.dismiss(id)
    }
  }, [display, id, name])
  useEffect(() => (isSpoken ? takeSeat(display, () => undefined, true) : undefined), [display, isSpoken])
  return null
}

interface Means {
  readonly actions: RemedyActions | undefined
  readonly labels: CoreLabels
  readonly reconnect: () => void
}

/** The remedy that the page knows how to bring about, else another attempt; nothing where all goes by itself. */
function actionOf({ kind }: Words, { remedy }: Display, { actions, labels, reconnect }: Means): ConnectionToast['action'] {
  if (kind !== 'lost' && kind !== 'failed') return null
  if (remedy === 'sign_in' || remedy === 'reload' || remedy === 'contact') {
    const run = actions?.[remedy]
    if (run !== undefined) return { label: labels.actions[remedy], run }
  }
  return { label: labels.reconnect, run: reconnect }
}
