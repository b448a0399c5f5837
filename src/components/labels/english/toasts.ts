/** The words of `ConnectionToasts`. */
import type { Locale } from '../labels.ts'

/** The words of `ConnectionToasts`, besides those for causes and remedies. */
export interface ToastLabels extends Locale {
  readonly toastLost: string
  readonly toastBehind: string
  readonly toastRestored: string
  readonly toastFailed: string
  readonly toastAfter: (duration: string) => string
  readonly toastOf: (name: string, title: string) => string
}

/** The words of `ConnectionToasts`, in English. */
export const TOAST_ENGLISH: ToastLabels = {
  locale: 'en',
  toastLost: 'Connection lost',
  toastBehind: 'Catching up',
  toastRestored: 'Connection restored',
  toastFailed: 'Connection failed',
  toastAfter: (duration) => `After ${duration}.`,
  toastOf: (name, title) => `${name}: ${title}`,
}
