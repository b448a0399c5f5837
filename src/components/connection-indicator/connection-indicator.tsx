'use client'
/** The connection in a header: a button that says the state and opens its details. */
import * as Popover from '@radix-ui/react-popover'
import * as Tooltip from '@radix-ui/react-tooltip'
import { type ButtonHTMLAttributes, forwardRef } from 'react'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { type Labels, withLabels } from '../labels.ts'
import { ReconnectButton } from '../parts/actions.tsx'
import { Announcer } from '../parts/announcer.tsx'
import { cx } from '../parts/cx.ts'
import { Explanation } from '../parts/explanation.tsx'
import { LiveFacts } from '../parts/facts.tsx'
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
  readonly labels?: Partial<Labels>
}

const PANEL = 'uplink uplink:z-50 uplink:rounded-lg uplink:border uplink:border-line uplink:bg-surface uplink:text-sm uplink:text-ink uplink:shadow-lg'

/**
 * A header-sized indicator. Hover shows the details in a tooltip; click, touch and keyboard open them
 * with the actions in a popover.
 *
 * @example
 * <header><Logo /><ConnectionIndicator /></header>
 */
export const ConnectionIndicator: React.ForwardRefExoticComponent<ConnectionIndicatorProps & React.RefAttributes<HTMLButtonElement>> =
  forwardRef(function ConnectionIndicator({ uplink, showLabel = true, onReconnect, labels: given, className, ...props }, ref) {
    const display = useConnectionDisplay(uplink)
    const labels = withLabels(given)
    const state = labels.states[display.state]
    return (
      <Popover.Root>
        <Tooltip.Provider delayDuration={300}>
          <Tooltip.Root>
            <Tooltip.Trigger asChild>
              <Popover.Trigger asChild>
                <button
                  ref={ref}
                  type="button"
                  data-slot="connection-indicator"
                  aria-label={`${labels.connection}: ${state}`}
                  {...props}
                  data-state={display.state}
                  className={cx(
                    'uplink uplink:inline-flex uplink:min-h-7 uplink:cursor-pointer uplink:items-center uplink:gap-1.5 uplink:rounded-full uplink:border uplink:border-tone-line uplink:bg-tone-soft uplink:px-2.5 uplink:py-0.5 uplink:text-xs uplink:font-medium uplink:text-tone-ink uplink:transition-colors uplink:focus-visible:outline-2 uplink:focus-visible:outline-offset-2 uplink:focus-visible:outline-ring',
                    className,
                  )}
                >
                  <StateIcon state={display.state} className="uplink:size-3.5" />
                  {showLabel && <span data-slot="label">{state}</span>}
                </button>
              </Popover.Trigger>
            </Tooltip.Trigger>
            <Tooltip.Portal>
              <Tooltip.Content sideOffset={6} data-state={display.state} className={cx(PANEL, 'uplink:px-3 uplink:py-2')}>
                <LiveFacts display={display} labels={labels} target={uplink} />
              </Tooltip.Content>
            </Tooltip.Portal>
          </Tooltip.Root>
        </Tooltip.Provider>
        <Popover.Portal>
          <Popover.Content
            sideOffset={6}
            align="end"
            aria-label={labels.details}
            data-slot="connection-details"
            data-state={display.state}
            className={cx(PANEL, 'uplink:grid uplink:w-64 uplink:gap-3 uplink:p-3 uplink:focus-visible:outline-2 uplink:focus-visible:outline-ring')}
          >
            <LiveFacts display={display} labels={labels} target={uplink} />
            <Explanation display={display} labels={labels} target={uplink} />
            <ReconnectButton state={display.state} labels={labels} target={uplink} onReconnect={onReconnect} />
          </Popover.Content>
        </Popover.Portal>
        <Announcer display={display} labels={labels} />
      </Popover.Root>
    )
  })
