'use client'
/** The connection in a line: state, latency, what is wrong, and a way out. */
import { type HTMLAttributes, type ReactNode, forwardRef } from 'react'
import type { Display } from '../../core/display.ts'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { CORE_ENGLISH } from '../labels/english/core.ts'
import { formatLatency } from '../labels/format.ts'
import type { CoreLabels, LabelOverrides } from '../labels/labels.ts'
import { useLabels } from '../labels/use-labels.tsx'
import { MainAction, type RemedyActions } from '../parts/actions.tsx'
import { cx } from '../parts/cx.ts'
import { Details } from '../parts/details.tsx'
import { ConnectedSince, Explanation } from '../parts/explanation.tsx'
import { Reserved } from '../parts/reserved.tsx'
import { StateMark } from '../parts/state-mark.tsx'
import { useAnnouncements } from '../parts/use-announcements.ts'
import { useShownLatency } from '../parts/use-shown-latency.ts'

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
    <span data-slot="latency" data-quality={quality} className="uplink:min-w-14 uplink:text-xs uplink:text-muted uplink:tabular-nums">
      <span className="uplink:sr-only">{`${labels.latency}: ${spoken}`}</span>
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
        className={cx('uplink uplink:inline-grid uplink:max-w-full uplink:grid-cols-[minmax(0,1fr)] uplink:gap-1.5 uplink:text-sm uplink:text-ink', className)}
      >
        <div className="uplink:flex uplink:min-h-7 uplink:flex-wrap uplink:items-center uplink:gap-x-1.5 uplink:gap-y-1">
          <Details display={display} labels={labels} target={target} actions={actions} onReconnect={onReconnect}>
            <button
              type="button"
              data-slot="state"
              aria-label={`${labels.connection}: ${word}`}
              data-state={display.state}
              className="uplink:-ms-1 uplink:inline-flex uplink:min-h-6 uplink:cursor-pointer uplink:items-center uplink:gap-1.5 uplink:rounded-md uplink:px-1 uplink:font-medium uplink:text-tone-ink"
            >
              <StateMark state={display.state} />
              <Reserved words={Object.values(labels.states)}>{word}</Reserved>
            </button>
          </Details>
          {!compact && <Latency display={display} labels={labels} target={target} />}
          {!compact && (
            // Hidden, not absent, while connected: nothing beside it moves when the connection drops. Who has just
            // pressed it keeps the focus.
            <span className={cx('uplink:ms-auto', display.state === 'connected' && 'uplink:not-focus-within:invisible')}>
              <MainAction display={display} labels={labels} target={target} actions={actions} onReconnect={onReconnect} />
            </span>
          )}
        </div>
        {showDetails && !compact && (
          // As wide as the line above and two lines high, whatever it says: the line decides the size.
          <div className="uplink:min-h-8 uplink:w-0 uplink:min-w-full">
            {display.state === 'connected' && <ConnectedSince display={display} labels={labels} />}
            <Explanation display={display} labels={labels} target={target} />
          </div>
        )}
      </div>
    )
  })
