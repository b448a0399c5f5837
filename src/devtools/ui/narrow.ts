'use client'
/** How much room the monitor has, for what style sheets cannot choose between. */
import { type Context, createContext, useContext, useEffect, useState } from 'react'

/** Narrower than this the picture of the machine stands upright. */
const NARROW_PX = 560

/** Whether the panel is narrow. */
export const NarrowContext: Context<boolean> = createContext(false)

/** Whether the panel is narrow. */
export const useIsNarrow = (): boolean => useContext(NarrowContext)

/** Watches the width of an element. */
export function useNarrow(element: Element | null): boolean {
  const [isNarrow, setNarrow] = useState(false)
  useEffect(() => {
    if (element === null) return undefined
    const observer = new ResizeObserver(([entry]) => { if (entry !== undefined) setNarrow(entry.contentRect.width < NARROW_PX) })
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return isNarrow
}
