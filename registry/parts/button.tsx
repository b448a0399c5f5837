'use client'
/** The one button. */
import { type ButtonHTMLAttributes, forwardRef } from 'react'
import { cx } from './cx'

/** A button of at least 24 px with a visible focus ring; everything else is the element's own. `data-primary` fills it. */
export const Button: React.ForwardRefExoticComponent<ButtonHTMLAttributes<HTMLButtonElement> & React.RefAttributes<HTMLButtonElement>> =
  forwardRef(function Button({ className, type = 'button', ...props }, ref) {
    return (
      <button
        ref={ref}
        type={type}
        data-slot="button"
        className={cx(
          'inline-flex min-h-7 cursor-pointer items-center justify-center gap-1.5 rounded-md border border-uplink-line bg-uplink-surface px-2.5 py-0.5 text-xs font-medium text-uplink-ink transition-colors hover:bg-uplink-hover disabled:cursor-default disabled:opacity-60 data-primary:border-uplink-ink data-primary:bg-uplink-ink data-primary:text-uplink-surface',
          className,
        )}
        {...props}
      />
    )
  })
