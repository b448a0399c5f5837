'use client'
/** Room for every word that may stand in a place, so that nothing beside it moves when the word changes. */
import type { ReactNode } from 'react'
import { cx } from './cx'

/** Props of {@link Reserved}. */
export interface ReservedProps {
  /** What may stand here. */
  readonly words: readonly string[]
  /** What stands here now; without it only the room is kept. */
  readonly children?: string
  readonly className?: string
}

/**
 * A word in a box as wide as the widest of `words`, in whatever font and language. The others are measured
 * by the browser in generated content, so they are in no text that is read, copied, searched or tested.
 */
export function Reserved({ words, children, className }: ReservedProps): ReactNode {
  return (
    <span className={cx('inline-grid text-start whitespace-nowrap', className)}>
      {children !== undefined && <span data-slot="label">{children}</span>}
      <span
        aria-hidden="true"
        data-words={words.join('\n')}
        className="invisible h-0 overflow-hidden whitespace-pre after:content-[attr(data-words)]"
      />
    </span>
  )
}
