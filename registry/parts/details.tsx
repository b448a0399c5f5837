'use client'
/** Details on demand: a tooltip for those who hover, a popover with the actions for click, touch and keyboard. */
import { type ReactElement, type ReactNode, useRef, useState } from 'react'
import type { Display, UplinkTarget } from 'uplink'
import type { CoreLabels } from '../labels/labels'
import { Popover, PopoverContent, PopoverTrigger } from '../primitives/popover'
import { Tooltip, TooltipContent, TooltipTrigger } from '../primitives/tooltip'
import { ReconnectButton, RemedyButton, type RemedyActions } from './actions'
import { cx } from './cx'
import { Explanation } from './explanation'
import { LiveFacts } from './live-facts'
import { StateLine } from './state-line'
import { type Surroundings, surroundingsOf } from './surroundings'

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

const PANEL = 'uplink z-50 rounded-lg border border-uplink-line bg-uplink-surface text-sm text-uplink-ink shadow-lg'

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
        <TooltipContent {...tooltip} data-slot="tooltip" data-state={display.state} className={cx(PANEL, 'min-w-44 px-3 py-2.5')}>
          <div className="mb-2"><StateLine state={display.state} labels={labels} /></div>
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
        className={cx(PANEL, 'grid w-72 max-w-[calc(100vw-1rem)] gap-3 p-3.5 focus-visible:outline-2 focus-visible:outline-uplink-ring')}
      >
        <div className="grid gap-1">
          <StateLine state={display.state} labels={labels} />
          <Explanation full display={display} labels={labels} target={target} />
        </div>
        {facts}
        <div className="flex gap-2 *:grow">
          <RemedyButton display={display} labels={labels} actions={actions} />
          <ReconnectButton state={display.state} labels={labels} target={target} onReconnect={onReconnect} />
        </div>
      </PopoverContent>
    </Popover>
  )
}
