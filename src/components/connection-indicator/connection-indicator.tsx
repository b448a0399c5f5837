'use client'
/** The connection in a header: a button that says the state and opens its details. */
import { type ButtonHTMLAttributes, forwardRef } from 'react'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { CORE_ENGLISH } from '../labels/english/core.ts'
import type { LabelOverrides } from '../labels/labels.ts'
import { useLabels } from '../labels/use-labels.tsx'
import type { RemedyActions } from '../parts/actions.tsx'
import { cx } from '../parts/cx.ts'
import { Details } from '../parts/details.tsx'
import { Reserved } from '../parts/reserved.tsx'
import { StateIcon } from '../parts/state-icon.tsx'
import { StateMark } from '../parts/state-mark.tsx'
import { useAnnouncements } from '../parts/use-announcements.ts'

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
          className={cx('uplink uplink:inline-grid uplink:min-h-7 uplink:min-w-7 uplink:cursor-pointer uplink:items-center uplink:justify-items-start uplink:p-0 uplink:outline-none', className)}
        >
          <span
            className={cx(
              'uplink:inline-flex uplink:min-h-7 uplink:min-w-7 uplink:items-center uplink:justify-center uplink:gap-1.5 uplink:rounded-full uplink:border uplink:border-tone-line uplink:bg-tone-soft uplink:text-xs uplink:font-medium uplink:whitespace-nowrap uplink:text-tone-ink uplink:transition-colors',
              showLabel && 'uplink:ps-2 uplink:pe-2.5',
            )}
          >
            {variant === 'icon' ? <StateIcon state={display.state} /> : <StateMark state={display.state} className="uplink:size-3.5" />}
            {showLabel && <span data-slot="label">{word}</span>}
          </span>
          {showLabel && <Reserved words={Object.values(labels.states)} className="uplink:ps-[2.25rem] uplink:pe-3 uplink:text-xs uplink:font-medium" />}
        </button>
      </Details>
    )
  })
