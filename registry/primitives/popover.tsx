'use client'
/**
 * The popover that components open: THE place to put another library instead of Radix.
 *
 * What the others rely on: a trigger that gives its props to its one child and opens by click, tap, Enter and Space;
 * a content in a portal, six pixels from the end of its trigger and inside the window, with the role `dialog`, that
 * takes the focus and gives it back, and that closes by Escape and by a press outside.
 */
import * as Radix from '@radix-ui/react-popover'
import { type HTMLAttributes, type ReactElement, type ReactNode, forwardRef } from 'react'

/** Props of {@link Popover}; who opens it, holds whether it is open. */
export interface PopoverProps {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly children: ReactNode
}

/** Joins a trigger and a content. */
export function Popover(props: PopoverProps): ReactNode {
  return <Radix.Root {...props} />
}

/** Props of {@link PopoverTrigger}; all but `children` go to the child. */
export interface PopoverTriggerProps extends HTMLAttributes<HTMLButtonElement> {
  /** The one button that opens it. */
  readonly children: ReactElement
}

/** Makes its child the button that opens the popover. */
export const PopoverTrigger: React.ForwardRefExoticComponent<PopoverTriggerProps & React.RefAttributes<HTMLButtonElement>> =
  forwardRef(function PopoverTrigger(props, ref) {
    return <Radix.Trigger asChild ref={ref} {...props} />
  })

/** Props of {@link PopoverContent}; the rest goes to its element. */
export interface PopoverContentProps extends HTMLAttributes<HTMLDivElement> {
  readonly dir?: 'ltr' | 'rtl'
  /** Called when it has closed, before the focus goes back to the trigger. */
  readonly onFocusReturn?: () => void
}

/** What is shown while it is open. */
export function PopoverContent({ onFocusReturn, ...props }: PopoverContentProps): ReactNode {
  return (
    <Radix.Portal>
      <Radix.Content sideOffset={6} align="end" collisionPadding={8} onCloseAutoFocus={onFocusReturn} {...props} />
    </Radix.Portal>
  )
}
