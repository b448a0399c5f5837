'use client'
/**
 * The tooltip that components show: THE place to put another library instead of Radix.
 *
 * What the others rely on: a trigger that gives its props to its one child; a content in a portal, six pixels from its
 * trigger and inside the window, with the role `tooltip` and tied to the trigger by `aria-describedby`, that comes with
 * hover (after 300 ms) and with focus, not with touch, and closes by Escape.
 */
import * as Radix from '@radix-ui/react-tooltip'
import { type HTMLAttributes, type ReactElement, type ReactNode, forwardRef } from 'react'

/** Props of {@link Tooltip}; who shows it, holds whether it is open. */
export interface TooltipProps {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly children: ReactNode
}

/** Joins a trigger and a content. */
export function Tooltip(props: TooltipProps): ReactNode {
  return (
    <Radix.Provider delayDuration={300}>
      <Radix.Root {...props} />
    </Radix.Provider>
  )
}

/** Props of {@link TooltipTrigger}; all but `children` go to the child. */
export interface TooltipTriggerProps extends HTMLAttributes<HTMLButtonElement> {
  /** The one element that it belongs to. */
  readonly children: ReactElement
}

/** Makes its child the element that the tooltip describes. */
export const TooltipTrigger: React.ForwardRefExoticComponent<TooltipTriggerProps & React.RefAttributes<HTMLButtonElement>> =
  forwardRef(function TooltipTrigger(props, ref) {
    return <Radix.Trigger asChild ref={ref} {...props} />
  })

/** Props of {@link TooltipContent}; all go to its element. */
export interface TooltipContentProps extends HTMLAttributes<HTMLDivElement> {
  readonly dir?: 'ltr' | 'rtl'
}

/** What is shown while it is open. */
export function TooltipContent(props: TooltipContentProps): ReactNode {
  return (
    <Radix.Portal>
      <Radix.Content sideOffset={6} {...props} />
    </Radix.Portal>
  )
}
