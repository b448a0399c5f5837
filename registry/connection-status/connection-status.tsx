'use client'
/** The connection in a line: state, latency, what is wrong, and a way out. */
import { type HTMLAttributes, type ReactNode, forwardRef } from 'react'
import { type Display, type UplinkTarget, useConnectionDisplay } from 'uplink'
import { CORE_ENGLISH } from '../labels/english/core'
import { formatLatency } from '../labels/format'
import type { CoreLabels, LabelOverrides } from '../labels/labels'
import { useLabels } from '../labels/use-labels'
import { MainAction, type RemedyActions } from '../parts/actions'
import { cx } from '../parts/cx'
import { Details } from '../parts/details'
import { ConnectedSince, Explanation } from '../parts/explanation'
import { Reserved } from '../parts/reserved'
import { StateMark } from '../parts/state-mark'
import { useAnnouncements } from '../parts/use-announcements'
import { useShownLatency } from '../parts/use-shown-latency'

/** Props of {@link ConnectionStatus}; the rest goes to its element. */
export interface ConnectionStatusProps extends Omit<HTMLAttributes<HTMLDivElement>, 'children'> {
  /** An uplink, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** A URL, instead of an uplink: the connection is shared by all components that name it. */
  readonly url?: string
  /** State only; the rest is in its details. @default false */
  readonly compact?: boolean
  /** Cause, remedy and countdown below the line, or since when all is well. @default false */
  readonly showDetails?: boolean
  /** What the page does for a remedy that only it can do, for example `{ sign_in: openLogin }`. */
  readonly actions?: RemedyActions
  /** Called after the reconnect button was pressed. */
  readonly onReconnect?: () => void
  /** Words to use instead of the English ones. */
  readonly labels?: LabelOverrides
}

function Latency({ display, labels, target }: { readonly display: Display; readonly labels: CoreLabels; readonly target: UplinkTarget | undefined }): ReactNode {
  const { current, quality } = useShownLatency(display, target)
  const spoken = current === null ? labels.unknown : `${formatLatency(current, labels)}, ${labels.qualities[quality]}`
  return (
    <span data-slot="latency" data-quality={quality} className="min-w-14 text-xs text-uplink-muted tabular-nums">
      <span className="sr-only">{`${labels.latency}: ${spoken}`}</span>
      <bdi aria-hidden="true">{formatLatency(current, labels)}</bdi>
    </span>
  )
}

/**
 * State, latency and a reconnect button; with `showDetails` also cause, remedy and countdown. The state opens
 * the details: by hover in a tooltip; by click, touch and keyboard in a popover. It is as large in every state.
 *
 * @example
 * <ConnectionStatus url="wss://example.com/ws" showDetails onReconnect={() => track('reconnect')} />
 */
export const ConnectionStatus: React.ForwardRefExoticComponent<ConnectionStatusProps & React.RefAttributes<HTMLDivElement>> =
  forwardRef(function ConnectionStatus(
    { uplink, url, compact = false, showDetails = false, actions, onReconnect, labels: given, className, ...props }, ref,
  ) {
    const target = uplink ?? url
    const display = useConnectionDisplay(target)
    const labels = useLabels(CORE_ENGLISH, given)
    const word = labels.states[display.state]
    useAnnouncements(target, labels)
    return (
      <div
        ref={ref}
        data-slot="connection-status"
        {...props}
        data-state={display.state}
        className={cx('uplink inline-grid max-w-full grid-cols-[minmax(0,1fr)] gap-1.5 text-sm text-uplink-ink', className)}
      >
        <div className="flex min-h-7 flex-wrap items-center gap-x-1.5 gap-y-1">
          <Details display={display} labels={labels} target={target} actions={actions} onReconnect={onReconnect}>
            <button
              type="button"
              data-slot="state"
              aria-label={`${labels.connection}: ${word}`}
              data-state={display.state}
              className="-ms-1 inline-flex min-h-6 cursor-pointer items-center gap-1.5 rounded-md px-1 font-medium text-uplink-tone-ink"
            >
              <StateMark state={display.state} />
              <Reserved words={Object.values(labels.states)}>{word}</Reserved>
            </button>
          </Details>
          {!compact && <Latency display={display} labels={labels} target={target} />}
          {!compact && (
            // Hidden, not absent, while connected: nothing beside it moves when the connection drops. Who has just
            // pressed it keeps the focus.
            <span className={cx('ms-auto', display.state === 'connected' && 'not-focus-within:invisible')}>
              <MainAction display={display} labels={labels} target={target} actions={actions} onReconnect={onReconnect} />
            </span>
          )}
        </div>
        {showDetails && !compact && (
          // As wide as the line above and two lines high, whatever it says: the line decides the size.
          <div className="min-h-8 w-0 min-w-full">
            {display.state === 'connected' && <ConnectedSince display={display} labels={labels} />}
            <Explanation display={display} labels={labels} target={target} />
          </div>
        )}
      </div>
    )
  })
