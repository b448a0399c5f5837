'use client'
/** Reading a picture of time: with a pointer anywhere in it, with keys from one known moment to the next. */
import { type FocusEvent, type HTMLAttributes, type KeyboardEvent, type PointerEvent, useState } from 'react'

/** What is read. Times are epoch ms. */
export interface Picture {
  /** Name of the picture. */
  readonly label: string
  readonly from: number
  readonly until: number
  /** Where keys stop, in order. */
  readonly stops: readonly number[]
  /** What there is to say of a moment. */
  readonly textAt: (at: number) => string
}

/** What a reader looks at, and the attributes of the element that is looked at. */
export interface Reading {
  /** `null` while nobody reads. */
  readonly at: number | null
  readonly props: HTMLAttributes<HTMLElement>
}

/** Keys to steps; along the axis of time, whichever way it runs. */
function stepOf({ key, currentTarget }: KeyboardEvent): number | null {
  const right = getComputedStyle(currentTarget).direction === 'rtl' ? -1 : 1
  switch (key) {
    case 'ArrowRight': return right
    case 'ArrowLeft': return -right
    case 'ArrowUp': return 1
    case 'ArrowDown': return -1
    case 'PageUp': return 6
    case 'PageDown': return -6
    case 'Home': return -Infinity
    case 'End': return Infinity
    default: return null
  }
}

/**
 * Makes an element readable. It is a slider whose value is a moment: focus begins at the newest one, arrows, Page,
 * Home and End move, Escape and leaving end it. Without stops it is a plain picture.
 */
export function useReading({ label, from, until, stops, textAt }: Picture): Reading {
  const [chosen, setChosen] = useState<number | null>(null)
  if (stops.length === 0) return { at: null, props: { role: 'img', 'aria-label': label } }
  const last = stops.length - 1
  // The hour goes on under the reader; a moment that has left it leaves the reader at its edge.
  const at = chosen === null ? null : Math.min(Math.max(chosen, from), until)
  const index = at === null ? last : Math.max(0, stops.filter((stop) => stop <= at).length - 1)

  const move = ({ currentTarget, clientX }: PointerEvent<HTMLElement>): void => {
    const { left, width } = currentTarget.getBoundingClientRect()
    const share = Math.min(1, Math.max(0, (clientX - left) / width))
    setChosen(from + (getComputedStyle(currentTarget).direction === 'rtl' ? 1 - share : share) * (until - from))
  }

  return {
    at,
    props: {
      role: 'slider',
      tabIndex: 0,
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuemax': last,
      'aria-valuenow': index,
      'aria-valuetext': textAt(at ?? stops[last] ?? until),
      onPointerMove: move,
      onPointerDown: move,
      onPointerLeave: ({ currentTarget, pointerType }) => {
        if (pointerType === 'mouse' && currentTarget.ownerDocument.activeElement !== currentTarget) setChosen(null)
      },
      onFocus: ({ currentTarget }: FocusEvent) => { if (currentTarget.matches(':focus-visible')) setChosen(stops[last] ?? null) },
      onBlur: () => setChosen(null),
      onKeyDown: (event) => {
        if (event.key === 'Escape') return setChosen(null)
        const step = stepOf(event)
        if (step === null) return
        event.preventDefault()
        setChosen(stops[Math.min(last, Math.max(0, index + step))] ?? null)
      },
    },
  }
}
