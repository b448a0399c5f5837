'use client'
/** A channel in a component: its data, coalesced, and every message, if wanted. */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { SendResult } from '../engine/send-options.ts'
import type { ChannelParams, StreamMode } from '../protocol/message.ts'
import { type ChannelView, type ViewOptions, createChannelView } from '../store/channel-view.ts'
import type { LeaseOptions } from '../store/registry.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/** Options of {@link useChannel}. Functions may be new at every render. */
export interface ChannelOptions<Data, Value> extends ViewOptions<Data, Value> {
  /** Which stream of the channel; sent with the subscription. */
  readonly params?: ChannelParams | undefined
  /** `latest`: only the newest message matters, and an outage brings back only that. @default 'stream' */
  readonly mode?: StreamMode
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget
  /** Options of the connection, where `uplink` is a URL. */
  readonly connection?: LeaseOptions
}

/** What {@link useChannel} returns. */
export interface ChannelHandle<Value> extends ChannelView<Value> {
  /** Sends a message on this channel. */
  send(type: string, data?: unknown): SendResult
}

/**
 * Follows a channel while mounted. `data` is new at most once a frame; `onMessage` hears every message.
 *
 * - Without options `data` is the latest data, `undefined` before the first.
 * - With `reduce` (and `initial`) it is the fold of every message.
 * - With `buffer` it is the last so many data.
 *
 * After an outage `status` is `catchingUp` until nothing is missing; `recovered` says whether the outage cost
 * anything, `gap` what, and `asOf` how old the data is meanwhile. `refetch` mends a gap by itself.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for a number that is not allowed. An empty name is told in `error`.
 * @example
 * const { data, isStale } = useChannel<{ price: number }>('btc')
 * const { data: total } = useChannel<Trade, number>('trades', { initial: 0, reduce: (sum, trade) => sum + trade.quantity })
 */
export function useChannel<Data, Value>(name: string, options: ChannelOptions<Data, Value> & { readonly reduce: NonNullable<ViewOptions<Data, Value>['reduce']>; readonly initial: Value }): ChannelHandle<Value>
export function useChannel<Data = unknown>(name: string, options: ChannelOptions<Data, readonly Data[]> & { readonly buffer: number }): ChannelHandle<readonly Data[]>
export function useChannel<Data = unknown>(name: string, options?: ChannelOptions<Data, Data | undefined>): ChannelHandle<Data | undefined>
export function useChannel<Data, Value>(name: string, options: ChannelOptions<Data, Value> = {}): ChannelHandle<Value> {
  const uplink = useUplink(options.uplink, options.connection)
  const paramsKey = options.params === undefined ? undefined : JSON.stringify(options.params)
  const { mode } = options
  // The first options make the view; later ones reach it through `update`, in the effect below.
  const [first] = useState(options)
  const view = useMemo(() => {
    const params = paramsKey === undefined ? undefined : (JSON.parse(paramsKey) as ChannelParams)
    const { platform, scheduler, report } = uplink
    return createChannelView(first, { platform, scheduler, report, lease: () => uplink.channel(name, params, { mode }) })
  }, [first, uplink, name, paramsKey, mode])
  const { schema, reduce, buffer, onMessage, throttle, staleAfter, onGap, refetch } = options
  useEffect(
    () => view.update({ schema, reduce, buffer, onMessage, throttle, staleAfter, onGap, refetch }),
    [view, schema, reduce, buffer, onMessage, throttle, staleAfter, onGap, refetch],
  )
  useEffect(() => view.attach(), [view])
  const snapshot = useSyncExternalStore(view.subscribe, view.getState, view.getInitialState)
  const send = useCallback((type: string, data?: unknown) => uplink.send({ type, channel: name, data }), [uplink, name])
  return useMemo(() => ({ ...snapshot, send }), [snapshot, send])
}
