'use client'
/** One connection of a summary: its name, its state, what it is worth, and a way out. */
import type { ReactNode } from 'react'
import type { Display } from '../../core/display.ts'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import { useLatency } from '../../hooks/use-latency.ts'
import type { AnyUplink } from '../../store/create-uplink.ts'
import type { NamedConnection } from '../../store/summary-store.ts'
import type { SummaryLabels } from '../labels/english/summary.ts'
import { formatLatency } from '../labels/format.ts'
import type { CoreLabels } from '../labels/labels.ts'
import { ReconnectButton } from '../parts/actions.tsx'
import { cx } from '../parts/cx.ts'
import { Details } from '../parts/details.tsx'
import { Explanation } from '../parts/explanation.tsx'
import { StateMark } from '../parts/state-mark.tsx'

/** Props of {@link SummaryRow}. */
export interface SummaryRowProps {
  readonly connection: NamedConnection
  readonly labels: CoreLabels & SummaryLabels
  /** It is the one that the verdict names, with what it affects. */
  readonly isWorst: boolean
  readonly onReconnect?: ((name: string) => void) | undefined
}

function Latency({ uplink, labels }: { readonly uplink: AnyUplink; readonly labels: CoreLabels }): ReactNode {
  return <bdi data-slot="latency">{formatLatency(useLatency(uplink).current, labels)}</bdi>
}

/** The second line: in trouble what is missed or what is wrong, else what it is and how it does. */
function Note({ connection: { uplink, impact = 'critical', affects }, isWorst, display, labels }: SummaryRowProps & { readonly display: Display }): ReactNode {
  const missed = isWorst ? undefined : affects
  const isWell = display.state === 'connected' || labels.causes[display.cause] === ''
  return (
    <div data-slot="note" className="uplink:flex uplink:min-h-4 uplink:min-w-0 uplink:gap-1 uplink:text-xs/4 uplink:text-muted uplink:*:truncate">
      {isWell && <span>{labels.impacts[impact]} · <Latency uplink={uplink} labels={labels} /></span>}
      {!isWell && missed !== undefined && <span data-slot="affects">{missed}</span>}
      {!isWell && missed === undefined && <Explanation display={display} labels={labels} target={uplink} />}
    </div>
  )
}

/** A row of two lines in every state. Its name opens the details. */
export function SummaryRow({ connection, labels, isWorst, onReconnect }: SummaryRowProps): ReactNode {
  const { name, uplink, impact = 'critical' } = connection
  const display = useConnectionDisplay(uplink)
  const word = labels.states[display.state]
  const reconnected = (): void => onReconnect?.(name)
  return (
    <li data-slot="summary-row" data-state={display.state} data-impact={impact} className="uplink-tone uplink:flex uplink:flex-wrap uplink:items-center uplink:gap-x-3 uplink:gap-y-1 uplink:border-t uplink:border-line uplink:py-2">
      <div className="uplink:grid uplink:min-w-0 uplink:grow uplink:basis-40 uplink:grid-cols-[minmax(0,1fr)] uplink:gap-0.5">
        <Details display={display} labels={labels} target={uplink} onReconnect={reconnected}>
          <button
            type="button"
            className="uplink:-mx-1 uplink:flex uplink:min-h-6 uplink:max-w-[calc(100%+0.5rem)] uplink:min-w-0 uplink:cursor-pointer uplink:items-center uplink:gap-1.5 uplink:justify-self-start uplink:rounded-md uplink:px-1 uplink:focus-visible:outline-2 uplink:focus-visible:outline-ring"
          >
            <StateMark state={display.state} />
            <span className="uplink:truncate uplink:font-medium">{name}</span>
            <span className="uplink:sr-only">: </span>
            <span data-slot="label" className="uplink:shrink-0 uplink:text-xs uplink:text-tone-ink">{word}</span>
          </button>
        </Details>
        <Note connection={connection} isWorst={isWorst} display={display} labels={labels} />
      </div>
      {/* Hidden, not absent, while all is well: nothing moves when a connection drops. */}
      <span className={cx(display.state === 'connected' && 'uplink:not-focus-within:invisible')}>
        <ReconnectButton state={display.state} labels={labels} target={uplink} onReconnect={reconnected} />
      </span>
    </li>
  )
}
