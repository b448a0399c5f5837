'use client'
/** Several connections in a header: a button that says what they amount to, and opens a row for each. */
import { type ButtonHTMLAttributes, type ReactNode, forwardRef, useRef, useState } from 'react'
import type { SummaryLevel } from '../../core/summary.ts'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import { useConnectionSummary } from '../../hooks/use-connection-summary.ts'
import type { NamedConnection } from '../../store/summary-store.ts'
import { CORE_ENGLISH } from '../labels/english/core.ts'
import { SUMMARY_ENGLISH, type SummaryLabels } from '../labels/english/summary.ts'
import { formatCount, pluralOf } from '../labels/format.ts'
import type { CoreLabels, LabelOverrides } from '../labels/labels.ts'
import { useLabels } from '../labels/use-labels.tsx'
import { cx } from '../parts/cx.ts'
import { Reserved } from '../parts/reserved.tsx'
import { StateMark } from '../parts/state-mark.tsx'
import { type Surroundings, surroundingsOf } from '../parts/surroundings.ts'
import { Popover, PopoverContent, PopoverTrigger } from '../primitives/popover.tsx'
import { SummaryRow } from './row.tsx'
import { Speakers } from './speakers.tsx'
import { verdictOf } from './verdict.tsx'

/** Props of {@link ConnectionSummaryIndicator}; the rest goes to its button. */
export interface ConnectionSummaryIndicatorProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  /** The connections, in the order of their rows. */
  readonly connections: readonly NamedConnection[]
  /** Called with the name of a connection after its reconnect button was pressed. */
  readonly onReconnect?: (name: string) => void
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

const ENGLISH = { ...CORE_ENGLISH, ...SUMMARY_ENGLISH }

interface PillProps {
  readonly level: SummaryLevel
  readonly worst: NamedConnection
  readonly connections: readonly NamedConnection[]
  readonly labels: CoreLabels & SummaryLabels
}

/** The verdict in a pill, in room for the longest that there can be. */
function Pill({ level, worst, connections, labels }: PillProps): ReactNode {
  const { state } = useConnectionDisplay(worst.uplink)
  const count = connections.length
  const words = [labels.allConnected(formatCount(count, labels), pluralOf(count, labels)), ...connections.flatMap(({ name }) => Object.values(labels.states).map((word) => labels.connectionIs(name, word)))]
  return (
    <>
      <span className="uplink:inline-flex uplink:min-h-7 uplink:items-center uplink:gap-1.5 uplink:rounded-full uplink:border uplink:border-tone-line uplink:bg-tone-soft uplink:ps-2 uplink:pe-2.5 uplink:text-xs uplink:font-medium uplink:whitespace-nowrap uplink:text-tone-ink uplink:transition-colors">
        <StateMark state={state} className="uplink:size-3.5" />
        <span data-slot="label">{verdictOf(level, worst.name, state, count, labels)}</span>
      </span>
      <Reserved words={words} className="uplink:ps-[2.25rem] uplink:pe-3 uplink:text-xs uplink:font-medium" />
    </>
  )
}

/**
 * A header-sized {@link ConnectionSummary}: a pill with the verdict, whose rows open by click, touch and keyboard. It
 * is as wide in every state.
 *
 * @example
 * <header><Logo /><ConnectionSummaryIndicator connections={connections} /></header>
 */
export const ConnectionSummaryIndicator: React.ForwardRefExoticComponent<ConnectionSummaryIndicatorProps & React.RefAttributes<HTMLButtonElement>> =
  forwardRef(function ConnectionSummaryIndicator({ connections, onReconnect, labels: given, className, ...props }, ref) {
    const { level, worst: index } = useConnectionSummary(connections)
    const labels = useLabels(ENGLISH, given)
    const trigger = useRef<HTMLButtonElement>(null)
    const [open, setOpen] = useState<Surroundings | null>(null)
    const worst = connections[index ?? 0]
    return (
      <>
        <Popover open={open !== null} onOpenChange={(opens) => setOpen(opens && trigger.current !== null ? surroundingsOf(trigger.current) : null)}>
          <PopoverTrigger ref={trigger}>
            <button
              ref={ref}
              type="button"
              data-slot="connection-summary-indicator"
              {...props}
              data-level={level}
              className={cx('uplink uplink:inline-grid uplink:min-h-7 uplink:cursor-pointer uplink:items-center uplink:justify-items-start uplink:p-0 uplink:outline-none', className)}
            >
              {worst !== undefined && <Pill level={level} worst={worst} connections={connections} labels={labels} />}
            </button>
          </PopoverTrigger>
          <PopoverContent
            {...open}
            aria-label={labels.connections}
            data-slot="summary-details"
            className="uplink uplink:z-50 uplink:w-88 uplink:max-w-[calc(100vw-1rem)] uplink:rounded-lg uplink:border uplink:border-line uplink:bg-surface uplink:px-3.5 uplink:py-1 uplink:text-sm uplink:text-ink uplink:shadow-lg uplink:focus-visible:outline-2 uplink:focus-visible:outline-ring"
          >
            <ul data-slot="summary-rows" className="uplink:m-0 uplink:grid uplink:list-none uplink:grid-cols-[minmax(0,1fr)] uplink:p-0 uplink:*:first:border-t-0">
              {connections.map((connection) => <SummaryRow key={connection.name} connection={connection} labels={labels} isWorst={false} onReconnect={onReconnect} />)}
            </ul>
          </PopoverContent>
        </Popover>
        <Speakers connections={connections} labels={labels} />
      </>
    )
  })
