/**
 * Connections shared by URL: components that name the same URL (and sub-protocols, or the same explicit
 * key) share one uplink, which goes when the last of them has gone. Only ever used from effects, so a
 * server that renders makes none.
 */
import { UplinkError } from '../core/errors.ts'
import type { UrlFunction } from '../engine/options.ts'
import { type Uplink, type UplinkOptions, createUplink } from './create-uplink.ts'

/** Options of a connection that is named by its URL. */
export interface LeaseOptions extends Omit<UplinkOptions, 'url'> {
  /** What to share by; required where the URL is a function, and never holds a secret. @default the URL and its sub-protocols */
  readonly key?: string
}

interface Shared {
  readonly uplink: Uplink
  readonly options: LeaseOptions
  leases: number
  endTimer: unknown
}

/** Connections by key. */
export interface Registry {
  /**
   * Claims the connection to a URL.
   * @throws UplinkError for bad options, and for a URL function without a key.
   */
  acquire(url: string | UrlFunction, options: LeaseOptions): { readonly uplink: Uplink; readonly release: () => void }
  size(): number
}

function sameOptions(a: LeaseOptions, b: LeaseOptions): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof LeaseOptions>
  // Values made anew at every render are no conflict worth a word, so functions and objects are not compared.
  return [...names].every((name) => typeof a[name] === 'object' || typeof a[name] === 'function' || Object.is(a[name], b[name]))
}

/** Makes a registry. */
export function createRegistry(): Registry {
  const shared = new Map<string, Shared>()

  function keyOf(url: string | UrlFunction, { key, protocols = [] }: LeaseOptions): string {
    if (key !== undefined) return key
    if (typeof url === 'string') return [url, ...protocols].join('\n')
    throw new UplinkError('UPLINK_OPTION_INVALID', 'a URL function needs options.key: functions are new at every render and name nothing')
  }

  return {
    acquire(url, options) {
      const key = keyOf(url, options)
      const known = shared.get(key)
      const one = known ?? { uplink: createUplink({ ...options, url }), options, leases: 0, endTimer: undefined }
      shared.set(key, one)
      const { uplink } = one
      if (known !== undefined && !sameOptions(known.options, options)) {
        uplink.report(new UplinkError('UPLINK_LEASE_CONFLICT', 'this URL is in use with other options, which stay; give an own key for an own connection', { severity: 'warning' }))
      }
      if (one.endTimer !== undefined) uplink.platform.clearTimer(one.endTimer)
      one.endTimer = undefined
      one.leases++
      const giveBack = uplink.lease()
      let held = true
      return {
        uplink,
        release() {
          if (!held) return
          held = false
          giveBack()
          if (--one.leases > 0) return
          one.endTimer = uplink.platform.setTimer(() => {
            shared.delete(key)
            uplink.destroy()
          }, options.connectionGrace ?? 1_000)
        },
      }
    },
    size: () => shared.size,
  }
}

let pageRegistry: Registry | undefined

/** The registry of this page. */
export function registryOfPage(): Registry {
  return (pageRegistry ??= createRegistry())
}
