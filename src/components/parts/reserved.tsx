'use client'
/** Room for every word that may stand in a place, so that nothing beside it moves when the word changes. */
import type { ReactNode } from 'react'
import { cx } from './cx.ts'

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
    <span className={cx('uplink:inline-grid uplink:text-start uplink:whitespace-nowrap', className)}>
      {children !== undefined && <span data-slot="label">{children}</span>}
      <span
        aria-hidden="true"
        data-words={words.join('\n')}
        className="uplink:invisible uplink:h-0 uplink:overflow-hidden uplink:whitespace-pre uplink:after:content-[attr(data-words)]"
      />
    </span>
  )
}
