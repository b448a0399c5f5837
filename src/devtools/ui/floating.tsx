'use client'
/** A button in a corner, and the panel that it opens: resizable by pointer and keys, closed by Escape. */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react'
import { useStore } from 'zustand'
import { useMonitored, useSnapshot } from './context.ts'
import { STATE_WORDS, duration } from './format.ts'
import { Panel, useFaultCount } from './panel.tsx'
import { useRemembered } from './remembered.ts'
import { StateMark } from './state-mark.tsx'

/** In which corner of the window the monitor floats. */
export type MonitorPosition = 'bottom-right' | 'bottom-left' | 'top-right' | 'top-left'

const STEP_PX = 24
const LEAST = { height: 240, width: 320 } as const

interface Edge {
  readonly axis: 'height' | 'width'
  readonly label: string
  /** Which way a pointer has to go to make the panel larger. */
  readonly sign: 1 | -1
  readonly size: number
  readonly onResize: (size: number) => void
}

/** An edge that can be dragged, and moved with the arrow keys. */
function Handle({ axis, label, sign, size, onResize }: Edge): ReactNode {
  const begin = useRef<{ readonly at: number; readonly size: number } | null>(null)
  const isHeight = axis === 'height'
  const most = (): number => (isHeight ? innerHeight : innerWidth) - 24
  const resize = (next: number): void => onResize(Math.round(Math.min(most(), Math.max(LEAST[axis], next))))
  const place = (event: PointerEvent): number => (isHeight ? event.clientY : event.clientX)
  function press(event: PointerEvent<HTMLDivElement>): void {
    event.currentTarget.setPointerCapture(event.pointerId)
    begin.current = { at: place(event), size }
  }
  function drag(event: PointerEvent): void {
    if (begin.current !== null) resize(begin.current.size + sign * (place(event) - begin.current.at))
  }
  function key(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = isHeight ? { ArrowUp: -1, ArrowDown: 1 } : { ArrowLeft: -1, ArrowRight: 1 }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    resize(size + sign * step * STEP_PX)
  }
  return (
    <div
      className="handle" data-axis={axis} role="separator" aria-label={label} aria-orientation={isHeight ? 'horizontal' : 'vertical'} tabIndex={0}
      aria-valuenow={size} aria-valuemin={LEAST[axis]} aria-valuemax={Math.max(size, LEAST[axis], 4_000)}
      onPointerDown={press} onPointerMove={drag} onPointerUp={() => { begin.current = null }} onPointerCancel={() => { begin.current = null }} onKeyDown={key}
    />
  )
}

/** Props of {@link Floating}. */
export interface FloatingProps {
  readonly position: MonitorPosition
  readonly initialIsOpen: boolean
  readonly initialTab: string
}

/** The floating monitor. */
export function Floating({ position, initialIsOpen, initialTab }: FloatingProps): ReactNode {
  const { uplink, name, faults } = useMonitored()
  const { state } = useSnapshot()
  const { current } = useStore(uplink.latency)
  const [isOpen, setOpen] = useRemembered<boolean>('isOpen', initialIsOpen)
  const [height, setHeight] = useRemembered<number>('height', 460)
  const [width, setWidth] = useRemembered<number>('width', 920)
  const broken = useFaultCount(faults)
  const button = useRef<HTMLButtonElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const [vertical, horizontal] = position.split('-')

  function close(): void {
    setOpen(false)
    // The button is there again once React has drawn it.
    requestAnimationFrame(() => button.current?.focus())
  }
  function open(): void {
    setOpen(true)
    requestAnimationFrame(() => frame.current?.querySelector<HTMLElement>('[role="tab"][tabindex="0"]')?.focus())
  }
  if (!isOpen) {
    return (
      <button ref={button} type="button" className="launcher" data-position={position} data-state={state} aria-expanded={false} aria-label={`Open the connection monitor of ${name}: ${STATE_WORDS[state]}`} onClick={open}>
        <StateMark state={state} />
        <span>{STATE_WORDS[state]}</span>
        {current !== null && <span className="soft">{duration(current)}</span>}
        {broken > 0 && <span className="badge" data-tone="bad">{broken} {broken === 1 ? 'fault' : 'faults'}</span>}
      </button>
    )
  }
  return (
    // Escape is heard for everything inside; what has a use for it itself keeps it.
    <div ref={frame} className="floating" data-position={position} style={{ height, width }} role="presentation" onKeyDown={(event) => { if (event.key === 'Escape' && !event.defaultPrevented) close() }}>
      <Handle axis="height" label="Height of the monitor" sign={vertical === 'bottom' ? -1 : 1} size={height} onResize={setHeight} />
      <Handle axis="width" label="Width of the monitor" sign={horizontal === 'right' ? -1 : 1} size={width} onResize={setWidth} />
      <Panel onClose={close} initialTab={initialTab} />
    </div>
  )
}
