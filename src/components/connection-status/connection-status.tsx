'use client'
/** The connection in a line: state, latency, what is wrong, and a way out. */
import * as Tooltip from '@radix-ui/react-tooltip'
import { type HTMLAttributes, type ReactNode, forwardRef } from 'react'
import { useConnectionDisplay } from '../../hooks/use-connection-display.ts'
import { useLatency } from '../../hooks/use-latency.ts'
import type { UplinkTarget } from '../../hooks/use-uplink.ts'
import { type Labels, formatLatency, withLabels } from '../labels.ts'
import { ReconnectButton } from '../parts/actions.tsx'
import { Announcer } from '../parts/announcer.tsx'
import { cx } from '../parts/cx.ts'
import { Explanation } from '../parts/explanation.tsx'
import { LiveFacts } from '../parts/facts.tsx'
import { StateIcon } from '../parts/state-icon.tsx'

/** Props of {@link ConnectionStatus}; the rest goes to its element. */
export interface ConnectionStatusProps extends Omit<HTMLAttributes<HTMLDivElement>, 'children'> {
  /** An uplink, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** A URL, instead of an uplink: the connection is shared by all components that name it. */
  readonly url?: string
  /** Icon and word only. @default false */
  readonly compact?: boolean
  /** Cause, remedy and countdown below the line. @default false */
  readonly showDetails?: boolean
  /** Called after the reconnect button was pressed. */
  readonly onReconnect?: () => void
  /** Words to use instead of the English ones. */
  readonly labels?: Partial<Labels>
}

function Latency({ labels, target }: { readonly labels: Labels; readonly target: UplinkTarget | undefined }): ReactNode {
  const { current, quality } = useLatency(target)
  const spoken = current === null ? labels.unknown : `${formatLatency(current, labels)}, ${labels.qualities[quality]}`
  return (
    <span data-slot="latency" data-quality={quality} className="uplink:min-w-14 uplink:text-end uplink:text-xs uplink:text-muted uplink:tabular-nums">
      <span className="uplink:sr-only">{`${labels.latency}: ${spoken}`}</span>
      <span aria-hidden="true">{formatLatency(current, labels)}</span>
    </span>
  )
}

/**
 * State, latency and a reconnect button; with `showDetails` also cause, remedy and countdown.
 *
 * @example
 * <ConnectionStatus url="wss://example.com/ws" showDetails onReconnect={() => track('reconnect')} />
 */
export const ConnectionStatus: React.ForwardRefExoticComponent<ConnectionStatusProps & React.RefAttributes<HTMLDivElement>> =
  forwardRef(function ConnectionStatus(
    { uplink, url, compact = false, showDetails = false, onReconnect, labels: given, className, ...props }, ref,
  ) {
    const target = uplink ?? url
    const display = useConnectionDisplay(target)
    const labels = withLabels(given)
    return (
      <div
        ref={ref}
        data-slot="connection-status"
        {...props}
        data-state={display.state}
        className={cx('uplink uplink:inline-grid uplink:max-w-full uplink:gap-1.5 uplink:text-sm uplink:text-ink', className)}
      >
        <div className="uplink:flex uplink:min-h-7 uplink:items-center uplink:gap-2">
          <Tooltip.Provider delayDuration={300}>
            <Tooltip.Root>
              <Tooltip.Trigger asChild>
                <button
                  type="button"
                  data-slot="state"
                  data-connection={display.state}
                  className="uplink:-ms-1 uplink:inline-flex uplink:min-h-6 uplink:items-center uplink:gap-2 uplink:rounded-md uplink:px-1 uplink:font-medium uplink:text-tone-ink uplink:focus-visible:outline-2 uplink:focus-visible:outline-ring"
                >
                  <StateIcon state={display.state} />
                  <span data-slot="label">{labels.states[display.state]}</span>
                </button>
              </Tooltip.Trigger>
              <Tooltip.Portal>
                <Tooltip.Content
                  sideOffset={6}
                  data-state={display.state}
                  className="uplink uplink:z-50 uplink:rounded-lg uplink:border uplink:border-line uplink:bg-surface uplink:px-3 uplink:py-2 uplink:text-ink uplink:shadow-lg"
                >
                  <LiveFacts display={display} labels={labels} target={target} />
                </Tooltip.Content>
              </Tooltip.Portal>
            </Tooltip.Root>
          </Tooltip.Provider>
          {!compact && <Latency labels={labels} target={target} />}
          {!compact && (
            // Hidden, not absent, while connected: nothing beside it moves when the connection drops.
            <span className={cx('uplink:ms-auto', display.state === 'connected' && 'uplink:invisible')}>
              <ReconnectButton state={display.state} labels={labels} target={target} onReconnect={onReconnect} />
            </span>
          )}
        </div>
        {showDetails && !compact && (
          <div className="uplink:min-h-8">
            <Explanation display={display} labels={labels} target={target} />
            {display.state === 'connected' && <LiveFacts display={display} labels={labels} target={target} />}
          </div>
        )}
        <Announcer display={display} labels={labels} />
      </div>
    )
  })
