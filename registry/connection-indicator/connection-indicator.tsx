'use client'
/** The connection in a header: a button that says the state and opens its details. */
import { type ButtonHTMLAttributes, forwardRef } from 'react'
import { type UplinkTarget, useConnectionDisplay } from 'uplink'
import { CORE_ENGLISH } from '../labels/english/core'
import type { LabelOverrides } from '../labels/labels'
import { useLabels } from '../labels/use-labels'
import type { RemedyActions } from '../parts/actions'
import { cx } from '../parts/cx'
import { Details } from '../parts/details'
import { Reserved } from '../parts/reserved'
import { StateIcon } from '../parts/state-icon'
import { StateMark } from '../parts/state-mark'
import { useAnnouncements } from '../parts/use-announcements'

/** Props of {@link ConnectionIndicator}; the rest goes to its button. */
export interface ConnectionIndicatorProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** The small mark of a state, or an icon as in toolbars. @default 'dot' */
  readonly variant?: 'dot' | 'icon'
  /** Shows the state's word beside it. @default true for 'dot' */
  readonly showLabel?: boolean
  /** What the page does for a remedy that only it can do, for example `{ sign_in: openLogin }`. */
  readonly actions?: RemedyActions
  /** Called after the reconnect button was pressed. */
  readonly onReconnect?: () => void
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

/**
 * A header-sized indicator. Hover shows the details in a tooltip; click, touch and keyboard open them
 * with the actions in a popover. It takes the same room in every state.
 *
 * @example
 * <header><Logo /><ConnectionIndicator /></header>
 */
export const ConnectionIndicator: React.ForwardRefExoticComponent<ConnectionIndicatorProps & React.RefAttributes<HTMLButtonElement>> =
  forwardRef(function ConnectionIndicator(
    { uplink: target, variant = 'dot', showLabel = variant === 'dot', actions, onReconnect, labels: given, className, ...props }, ref,
  ) {
    const display = useConnectionDisplay(target)
    const labels = useLabels(CORE_ENGLISH, given)
    const word = labels.states[display.state]
    useAnnouncements(target, labels)
    return (
      <Details display={display} labels={labels} target={target} actions={actions} onReconnect={onReconnect}>
        <button
          ref={ref}
          type="button"
          data-slot="connection-indicator"
          aria-label={`${labels.connection}: ${word}`}
          {...props}
          data-variant={variant}
          data-state={display.state}
          className={cx('uplink inline-grid min-h-7 min-w-7 cursor-pointer items-center justify-items-start p-0 outline-none', className)}
        >
          <span
            className={cx(
              'inline-flex min-h-7 min-w-7 items-center justify-center gap-1.5 rounded-full border border-uplink-tone-line bg-uplink-tone-soft text-xs font-medium whitespace-nowrap text-uplink-tone-ink transition-colors',
              showLabel && 'ps-2 pe-2.5',
            )}
          >
            {variant === 'icon' ? <StateIcon state={display.state} /> : <StateMark state={display.state} className="size-3.5" />}
            {showLabel && <span data-slot="label">{word}</span>}
          </span>
          {showLabel && <Reserved words={Object.values(labels.states)} className="ps-[2.25rem] pe-3 text-xs font-medium" />}
        </button>
      </Details>
    )
  })
