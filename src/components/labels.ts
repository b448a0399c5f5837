/** Every word that components show or speak: one catalogue, replaceable in part by props. */
import type { Cause, DisplayState } from '../core/display.ts'
import type { Quality } from '../core/latency.ts'
import type { Remedy } from '../protocol/close.ts'

/**
 * The catalogue. Functions get numbers and durations already formatted for `locale`, and the plural form
 * that the number takes in it.
 */
export interface Labels {
  /** For `Intl`; `undefined` is the browser's own. */
  readonly locale: string | undefined
  readonly states: Readonly<Record<DisplayState, string>>
  readonly causes: Readonly<Record<Cause, string>>
  readonly remedies: Readonly<Record<Remedy, string>>
  readonly qualities: Readonly<Record<Quality, string>>
  readonly connection: string
  readonly latency: string
  readonly uptime: string
  readonly availability: string
  readonly attempt: string
  readonly received: string
  readonly sent: string
  readonly reconnections: string
  readonly errors: string
  readonly history: string
  readonly details: string
  readonly reconnect: string
  readonly connect: string
  readonly disconnect: string
  readonly unknown: string
  readonly retryIn: (duration: string) => string
  readonly connectedSince: (time: string) => string
  readonly perSecond: (count: string) => string
  readonly latencyTrend: (count: string, latest: string, plural: Plural) => string
  readonly transitions: (count: string, plural: Plural) => string
  readonly announceLost: string
  readonly announceCatchingUp: string
  readonly announceRestored: (duration: string) => string
  readonly announceFailed: (cause: string) => string
}

/** A plural form, as `Intl.PluralRules` names it. */
export type Plural = Intl.LDMLPluralRule

/** The catalogue in English. */
export const ENGLISH: Labels = {
  locale: 'en',
  states: {
    disconnected: 'Disconnected',
    connecting: 'Connecting',
    connected: 'Connected',
    reconnecting: 'Reconnecting',
    disconnecting: 'Disconnecting',
    error: 'Failed',
    offline: 'No network',
    cooldown: 'Retry paused',
    catching_up: 'Catching up',
  },
  causes: {
    none: '',
    user: 'Disconnected on request.',
    behind: 'Connected again. What was missed is still coming in.',
    network_offline: 'This device is offline.',
    unreachable: 'The server cannot be reached.',
    lost: 'The connection was lost.',
    silent: 'The server stopped answering.',
    restarting: 'The server is restarting.',
    overloaded: 'The server is overloaded.',
    unauthorized: 'Your session is not valid here.',
    refused: 'The server refused the connection.',
    misconfigured: 'The connection is not set up correctly.',
  },
  remedies: {
    none: '',
    wait: 'Trying again automatically.',
    check_network: 'Check your network; it resumes by itself.',
    reconnect: 'You can reconnect now.',
    sign_in: 'Sign in again.',
    reload: 'Reload the page.',
    contact: 'Contact support if this goes on.',
  },
  qualities: { unknown: 'unknown', excellent: 'excellent', good: 'good', fair: 'fair', poor: 'poor' },
  connection: 'Connection',
  latency: 'Latency',
  uptime: 'Uptime',
  availability: 'Availability',
  attempt: 'Attempt',
  received: 'Received',
  sent: 'Sent',
  reconnections: 'Reconnects',
  errors: 'Errors',
  history: 'Recent changes',
  details: 'Connection details',
  reconnect: 'Reconnect',
  connect: 'Connect',
  disconnect: 'Disconnect',
  unknown: 'unknown',
  retryIn: (duration) => `Next attempt in ${duration}`,
  connectedSince: (time) => `Connected since ${time}.`,
  perSecond: (count) => `${count}/s`,
  latencyTrend: (count, latest, plural) =>
    `Latency of the last ${plural === 'one' ? 'heartbeat' : `${count} heartbeats`}, now ${latest}`,
  transitions: (count, plural) => `The last ${plural === 'one' ? 'change' : `${count} changes`} of state`,
  announceLost: 'Connection lost. Reconnecting.',
  announceCatchingUp: 'Connected again. Catching up.',
  announceRestored: (duration) => `Connection restored after ${duration}.`,
  announceFailed: (cause) => `Connection failed. ${cause}`,
}

/** The catalogue with some entries replaced, tables entry by entry. */
export function withLabels(labels: Partial<Labels> | undefined): Labels {
  if (labels === undefined) return ENGLISH
  return {
    ...ENGLISH,
    ...labels,
    states: { ...ENGLISH.states, ...labels.states },
    causes: { ...ENGLISH.causes, ...labels.causes },
    remedies: { ...ENGLISH.remedies, ...labels.remedies },
    qualities: { ...ENGLISH.qualities, ...labels.qualities },
  }
}

/** A number as people write it. */
export function formatCount(value: number, { locale }: Labels): string {
  return new Intl.NumberFormat(locale, { notation: value >= 100_000 ? 'compact' : 'standard', maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
}

/** The plural form of a number. */
export function pluralOf(value: number, { locale }: Labels): Plural {
  return new Intl.PluralRules(locale).select(value)
}

/** Milliseconds, or a dash where they are not known: unknown is never 0. */
export function formatLatency(ms: number | null, { locale }: Labels): string {
  if (ms === null) return '–'
  return new Intl.NumberFormat(locale, { style: 'unit', unit: 'millisecond', maximumFractionDigits: 0 }).format(ms)
}

/** A duration in its largest unit or two: "42 sec", "3 min", "2 hr 5 min". */
export function formatDuration(ms: number, { locale }: Labels): string {
  const unit = (value: number, name: string): string => new Intl.NumberFormat(locale, { style: 'unit', unit: name }).format(value)
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 60) return unit(seconds, 'second')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return unit(minutes, 'minute')
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${unit(hours, 'hour')} ${unit(minutes % 60, 'minute')}`
  return unit(Math.floor(hours / 24), 'day')
}

/** A share of 1 as a percentage, rounded down: 100 % is said only when it was. */
export function formatShare(share: number | null, { locale }: Labels): string {
  if (share === null) return '–'
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(Math.floor(share * 1_000) / 1_000)
}
