'use client'
/** How fresh a channel's data is, as it should be shown. */
import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { ChannelParams, StreamMode } from '../protocol/message.ts'
import { createChannelView } from '../store/channel-view.ts'
import { type AgeOfData, type FreshnessOfData, createStaleness } from '../store/staleness.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/** The name of a channel, or what `useChannel` returned for it. */
export type FreshnessSource = string | AgeOfData

/** Options of {@link useFreshness}. The first three count only where the source is a name. */
export interface FreshnessOptions {
  /** Age in ms at which data is stale though the channel is live. @default never */
  readonly staleAfter?: number | undefined
  /** Which stream of the channel. */
  readonly params?: ChannelParams | undefined
  /** @default 'stream' */
  readonly mode?: StreamMode | undefined
  /** A channel that is away for less than this is not shown as stale, in ms, 0 or more. @default 1_000 */
  readonly grace?: number | undefined
  /** An uplink or a URL, instead of the provider's. */
  readonly uplink?: UplinkTarget | undefined
}

/** The age is looked at this often: it is read by people. */
const LOOK_EVERY_MS = 250

/**
 * `fresh`, `stale` with the time at which the data was true, or `waiting` for the first message. Renders only when
 * that changes, however many messages come. A name claims the channel while the component is mounted.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` for a `staleAfter` that is not allowed.
 * @example
 * const { state, asOf } = useFreshness('prices', { staleAfter: 5_000 })
 */
export function useFreshness(source: FreshnessSource, { staleAfter, params, mode, grace = 1_000, uplink: target }: FreshnessOptions = {}): FreshnessOfData {
  const uplink = useUplink(target)
  const name = typeof source === 'string' ? source : undefined
  const paramsKey = params === undefined ? undefined : JSON.stringify(params)
  const [firstStaleAfter] = useState(staleAfter)
  const staleness = useMemo(() => createStaleness(uplink.platform, grace), [uplink, grace])
  const view = useMemo(() => {
    if (name === undefined) return null
    const { platform, scheduler, report } = uplink
    const asked = paramsKey === undefined ? undefined : (JSON.parse(paramsKey) as ChannelParams)
    return createChannelView({ staleAfter: firstStaleAfter, throttle: LOOK_EVERY_MS }, { platform, scheduler, report, lease: () => uplink.channel(name, asked, { mode }) })
  }, [uplink, name, paramsKey, mode, firstStaleAfter])
  useEffect(() => view?.update({ staleAfter, throttle: LOOK_EVERY_MS }), [view, staleAfter])
  useEffect(() => {
    if (view === null) return undefined
    const forget = view.subscribe(staleness.tell)
    const detach = view.attach()
    return () => {
      forget()
      detach()
    }
  }, [view, staleness])
  const { status, isStale, asOf, updatedAt } = typeof source === 'string' ? NOTHING : source
  useEffect(() => {
    if (name === undefined) staleness.tell({ status, isStale, asOf, updatedAt })
  }, [staleness, name, status, isStale, asOf, updatedAt])
  useEffect(() => staleness.rest, [staleness])
  return useStore(staleness)
}

const NOTHING: AgeOfData = { status: 'idle', isStale: false, asOf: null, updatedAt: null }
