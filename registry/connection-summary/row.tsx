'use client'
/** One connection of a summary: its name, its state, what it is worth, and a way out. */
import type { ReactNode } from 'react'
import { type AnyUplink, type Display, type NamedConnection, useConnectionDisplay, useLatency } from 'uplink'
import type { SummaryLabels } from '../labels/english/summary'
import { formatLatency } from '../labels/format'
import type { CoreLabels } from '../labels/labels'
import { ReconnectButton } from '../parts/actions'
import { cx } from '../parts/cx'
import { Details } from '../parts/details'
import { Explanation } from '../parts/explanation'
import { StateMark } from '../parts/state-mark'

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
    <div data-slot="note" className="flex min-h-4 min-w-0 gap-1 text-xs/4 text-uplink-muted *:truncate">
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
    <li data-slot="summary-row" data-state={display.state} data-impact={impact} className="uplink-tone flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-uplink-line py-2">
      <div className="grid min-w-0 grow basis-40 grid-cols-[minmax(0,1fr)] gap-0.5">
        <Details display={display} labels={labels} target={uplink} onReconnect={reconnected}>
          <button
            type="button"
            className="-mx-1 flex min-h-6 max-w-[calc(100%+0.5rem)] min-w-0 cursor-pointer items-center gap-1.5 justify-self-start rounded-md px-1 focus-visible:outline-2 focus-visible:outline-uplink-ring"
          >
            <StateMark state={display.state} />
            <span className="truncate font-medium">{name}</span>
            <span className="sr-only">: </span>
            <span data-slot="label" className="shrink-0 text-xs text-uplink-tone-ink">{word}</span>
          </button>
        </Details>
        <Note connection={connection} isWorst={isWorst} display={display} labels={labels} />
      </div>
      {/* Hidden, not absent, while all is well: nothing moves when a connection drops. */}
      <span className={cx(display.state === 'connected' && 'not-focus-within:invisible')}>
        <ReconnectButton state={display.state} labels={labels} target={uplink} onReconnect={reconnected} />
      </span>
    </li>
  )
}
