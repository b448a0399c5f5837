'use client'
/** The one button. */
import { type ButtonHTMLAttributes, forwardRef } from 'react'
import { cx } from './cx.ts'

/** A button of at least 24 px with a visible focus ring; everything else is the element's own. `data-primary` fills it. */
export const Button: React.ForwardRefExoticComponent<ButtonHTMLAttributes<HTMLButtonElement> & React.RefAttributes<HTMLButtonElement>> =
  forwardRef(function Button({ className, type = 'button', ...props }, ref) {
    return (
      <button
        ref={ref}
        type={type}
        data-slot="button"
        className={cx(
          'uplink:inline-flex uplink:min-h-7 uplink:cursor-pointer uplink:items-center uplink:justify-center uplink:gap-1.5 uplink:rounded-md uplink:border uplink:border-line uplink:bg-surface uplink:px-2.5 uplink:py-0.5 uplink:text-xs uplink:font-medium uplink:text-ink uplink:transition-colors uplink:hover:bg-hover uplink:disabled:cursor-default uplink:disabled:opacity-60 uplink:data-primary:border-ink uplink:data-primary:bg-ink uplink:data-primary:text-surface',
          className,
        )}
        {...props}
      />
    )
  })
