'use client'
/** State that survives a reload of the page, where the browser lets it. */
import { useCallback, useState } from 'react'

const KEY = 'uplink.monitor'

type Stored = Readonly<Record<string, unknown>>

function load(): Stored {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Stored) : {}
  } catch {
    // Storage may be forbidden, or hold what somebody else wrote: then nothing is remembered.
    return {}
  }
}

function save(name: string, value: unknown): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...load(), [name]: value }))
  } catch {
    // As above.
  }
}

/** A state that is remembered under `name`; `initial` until something was, and where that is of another type. */
export function useRemembered<Value extends boolean | number | string>(name: string, initial: Value): readonly [Value, (value: Value) => void] {
  const [value, setValue] = useState<Value>(() => {
    const stored = load()[name]
    return typeof stored === typeof initial ? (stored as Value) : initial
  })
  const set = useCallback((next: Value) => {
    setValue(next)
    save(name, next)
  }, [name])
  return [value, set]
}
