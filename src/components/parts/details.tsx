'use client'
/** Details on demand: a tooltip for those who hover, a popover with the actions for click, touch and keyboard. */
import { type ReactElement, type ReactNode, useRef, useState } from 'react'
import type { Display } from '../../core/display.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import type { CoreLabels } from '../labels/labels.ts'
import { Popover, PopoverContent, PopoverTrigger } from '../primitives/popover.tsx'
import { Tooltip, TooltipContent, TooltipTrigger } from '../primitives/tooltip.tsx'
import { ReconnectButton, RemedyButton, type RemedyActions } from './actions.tsx'
import { cx } from './cx.ts'
import { Explanation } from './explanation.tsx'
import { LiveFacts } from './live-facts.tsx'
import { StateLine } from './state-line.tsx'
import { type Surroundings, surroundingsOf } from './surroundings.ts'

/** Props of {@link Details}. */
export interface DetailsProps {
  readonly display: Display
  readonly labels: CoreLabels
  readonly target?: UplinkTarget | undefined
  readonly actions?: RemedyActions | undefined
  /** Called after the reconnect button was pressed. */
  readonly onReconnect?: (() => void) | undefined
  /** The button that opens them. */
  readonly children: ReactElement
}

const PANEL = 'uplink uplink:z-50 uplink:rounded-lg uplink:border uplink:border-line uplink:bg-surface uplink:text-sm uplink:text-ink uplink:shadow-lg'

/** Gives a button its details. */
export function Details({ display, labels, target, actions, onReconnect, children }: DetailsProps): ReactNode {
  const trigger = useRef<HTMLButtonElement>(null)
  // Focus that comes back from the popover is not a wish to see the tooltip.
  const returning = useRef(false)
  const [tooltip, setTooltip] = useState<Surroundings | null>(null)
  const [popover, setPopover] = useState<Surroundings | null>(null)
  const look = (opens: boolean): Surroundings | null => (opens && trigger.current !== null ? surroundingsOf(trigger.current) : null)
  const facts = <LiveFacts display={display} labels={labels} target={target} />
  return (
    <Popover open={popover !== null} onOpenChange={(opens) => setPopover(look(opens))}>
      <Tooltip open={tooltip !== null && popover === null} onOpenChange={(opens) => setTooltip(look(opens && !returning.current))}>
        <TooltipTrigger>
          <PopoverTrigger ref={trigger}>{children}</PopoverTrigger>
        </TooltipTrigger>
        <TooltipContent {...tooltip} data-slot="tooltip" data-state={display.state} className={cx(PANEL, 'uplink:min-w-44 uplink:px-3 uplink:py-2.5')}>
          <div className="uplink:mb-2"><StateLine state={display.state} labels={labels} /></div>
          {facts}
        </TooltipContent>
      </Tooltip>
      <PopoverContent
        {...popover}
        aria-label={labels.details}
        data-slot="connection-details"
        data-state={display.state}
        onFocusReturn={() => {
          returning.current = true
          queueMicrotask(() => { returning.current = false })
        }}
        className={cx(PANEL, 'uplink:grid uplink:w-72 uplink:max-w-[calc(100vw-1rem)] uplink:gap-3 uplink:p-3.5 uplink:focus-visible:outline-2 uplink:focus-visible:outline-ring')}
      >
        <div className="uplink:grid uplink:gap-1">
          <StateLine state={display.state} labels={labels} />
          <Explanation full display={display} labels={labels} target={target} />
        </div>
        {facts}
        <div className="uplink:flex uplink:gap-2 uplink:*:grow">
          <RemedyButton display={display} labels={labels} actions={actions} />
          <ReconnectButton state={display.state} labels={labels} target={target} onReconnect={onReconnect} />
        </div>
      </PopoverContent>
    </Popover>
  )
}
