'use client'
/** The connection in a header: a button that says the state and opens its details. */
import { type ButtonHTMLAttributes, forwardRef } from 'react'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { CORE_ENGLISH } from '../labels/english/core.ts'
import type { LabelOverrides } from '../labels/labels.ts'
import { useLabels } from '../labels/use-labels.tsx'
import { Announcer } from '../parts/announcer.tsx'
import { cx } from '../parts/cx.ts'
import { Details } from '../parts/details.tsx'
import { Reserved } from '../parts/reserved.tsx'
import { StateIcon } from '../parts/state-icon.tsx'

/** Props of {@link ConnectionIndicator}; the rest goes to its button. */
export interface ConnectionIndicatorProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** Shows the state's word beside the icon. @default true */
  readonly showLabel?: boolean
  /** Called after the reconnect button was pressed. */
  readonly onReconnect?: () => void
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

/**
 * A header-sized indicator. Hover shows the details in a tooltip; click, touch and keyboard open them
 * with the actions in a popover. It is as wide in every state.
 *
 * @example
 * <header><Logo /><ConnectionIndicator /></header>
 */
export const ConnectionIndicator: React.ForwardRefExoticComponent<ConnectionIndicatorProps & React.RefAttributes<HTMLButtonElement>> =
  forwardRef(function ConnectionIndicator({ uplink: target, showLabel = true, onReconnect, labels: given, className, ...props }, ref) {
    const display = useConnectionDisplay(target)
    const labels = useLabels(CORE_ENGLISH, given)
    const word = labels.states[display.state]
    return (
      <>
        <Details display={display} labels={labels} target={target} onReconnect={onReconnect}>
          <button
            ref={ref}
            type="button"
            data-slot="connection-indicator"
            aria-label={`${labels.connection}: ${word}`}
            {...props}
            data-state={display.state}
            className={cx(
              'uplink uplink:inline-flex uplink:min-h-7 uplink:cursor-pointer uplink:items-center uplink:gap-1.5 uplink:rounded-full uplink:border uplink:border-tone-line uplink:bg-tone-soft uplink:px-2.5 uplink:py-0.5 uplink:text-xs uplink:font-medium uplink:text-tone-ink uplink:transition-colors uplink:focus-visible:outline-2 uplink:focus-visible:outline-offset-2 uplink:focus-visible:outline-ring',
              className,
            )}
          >
            <StateIcon state={display.state} className="uplink:size-3.5" />
            {showLabel && <Reserved words={Object.values(labels.states)}>{word}</Reserved>}
          </button>
        </Details>
        <Announcer labels={labels} target={target} />
      </>
    )
  })
