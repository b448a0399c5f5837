'use client'
/** Which uplink a hook is about: the one it is given, the URL's, or the provider's. */
import { useEffect, useRef, useState } from 'react'
import { UplinkError } from '../core/errors.ts'
import type { UrlFunction } from '../engine/options.ts'
import type { Schema, UntypedSchema } from '../protocol/schema.ts'
import type { AnyUplink, Uplink } from '../store/create-uplink.ts'
import { inertUplink } from '../store/inert.ts'
import { type LeaseOptions, registryOfPage } from '../store/registry.ts'
import { useProvidedUplink } from './provider.tsx'

/** An uplink, or the URL of one that is shared by all components that name it. */
export type UplinkTarget<S extends Schema = UntypedSchema> = Uplink<S> | AnyUplink | string | UrlFunction

/** One object, so that an effect on the options rests while there are none. */
const NO_OPTIONS: LeaseOptions = {}

/**
 * The uplink of `target`, else the provider's. While the component is mounted it holds a lease, so the
 * uplink is connected. For a URL it is an inert handle until the component has mounted.
 *
 * @param options used where `target` is a URL; the first component that names it decides.
 * @throws UplinkError `UPLINK_NO_PROVIDER` when there is neither target nor provider.
 * @example
 * const uplink = useUplink('wss://example.com/ws')
 */
export function useUplink<S extends Schema = UntypedSchema>(target?: UplinkTarget<S>, options: LeaseOptions = NO_OPTIONS): Uplink<S> {
  const provided = useProvidedUplink()
  const url = typeof target === 'string' || typeof target === 'function' ? target : undefined
  const given = typeof target === 'object' ? target : undefined
  const [attached, setAttached] = useState<Uplink | null>(null)
  const latest = useRef({ url, options })
  useEffect(() => {
    latest.current = { url, options }
  }, [url, options])
  const named = url !== undefined
  const key = options.key ?? (typeof url === 'string' ? [url, ...(options.protocols ?? [])].join('\n') : undefined)
  useEffect(() => {
    const current = latest.current
    if (!named || current.url === undefined) return undefined
    const { uplink, release } = registryOfPage().acquire(current.url, key === undefined ? current.options : { ...current.options, key })
    setAttached(uplink)
    return () => {
      setAttached(null)
      release()
    }
  }, [named, key])
  useEffect(() => given?.lease(), [given])
  if (given !== undefined) return given as unknown as Uplink<S>
  const found = url === undefined ? provided : (attached ?? inertUplink())
  if (found === null) {
    throw new UplinkError(
      'UPLINK_NO_PROVIDER',
      'no uplink here: wrap the tree in <UplinkProvider uplink={createUplink({url})}>, or give the hook an uplink or a URL',
    )
  }
  return found as unknown as Uplink<S>
}
