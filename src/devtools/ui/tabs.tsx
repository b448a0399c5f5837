'use client'
/** Tabs, by the pattern of the ARIA Authoring Practices: arrows move, and what is reached is shown. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react'

/** One tab. */
export interface Tab {
  readonly id: string
  readonly label: string
  /** Stands behind the label, where there is something to say. */
  readonly badge?: ReactNode
  readonly render: () => ReactNode
}

/** Props of {@link Tabs}. */
export interface TabsProps {
  readonly label: string
  readonly tabs: readonly Tab[]
  readonly current: string
  readonly onChange: (id: string) => void
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }

/** A row of tabs, and the panel of the current one. */
export function Tabs({ label, tabs, current, onChange }: TabsProps): ReactNode {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const index = Math.max(0, tabs.findIndex((tab) => tab.id === current))
  const tab = tabs[index]
  const shown = tab?.id
  useEffect(() => {
    const row = list.current
    const button = row?.querySelector<HTMLElement>('[aria-selected="true"]')
    if (row === null || button === null || button === undefined || shown === undefined) return
    // Not `scrollIntoView`, which moves the page around an embedded monitor as well.
    const [{ left, right }, edge] = [button.getBoundingClientRect(), row.getBoundingClientRect()]
    if (left < edge.left || right > edge.right) row.scrollLeft += (left + right) / 2 - (edge.left + edge.right) / 2
  }, [shown])
  function go(event: KeyboardEvent): void {
    const { length } = tabs
    const isRtl = list.current !== null && getComputedStyle(list.current).direction === 'rtl'
    const step = (STEPS[event.key] ?? 0) * (isRtl && event.key.match(/Left|Right/) !== null ? -1 : 1)
    const next = event.key === 'Home' ? 0 : event.key === 'End' ? length - 1 : step === 0 ? -1 : (index + step + length) % length
    const target = tabs[next]
    if (target === undefined) return
    event.preventDefault()
    onChange(target.id)
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus()
  }
  return (
    <>
      {/* The arrows are heard here for all tabs; it is the tabs that take the focus. */}
      <div ref={list} className="tabs" role="tablist" aria-label={label} tabIndex={-1} onKeyDown={go}>
        {tabs.map((each) => (
          <button
            key={each.id} type="button" role="tab" id={`${id}-${each.id}`} aria-controls={`${id}-panel`} aria-selected={each === tab}
            tabIndex={each === tab ? 0 : -1} onClick={() => onChange(each.id)}
          >
            {each.label}{each.badge}
          </button>
        ))}
      </div>
      <div key={tab?.id} className="tab" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab?.id}`} tabIndex={0}>{tab?.render()}</div>
    </>
  )
}
