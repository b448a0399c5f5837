'use client'
/** Light or dark: as asked for, or as the page around it is. */
import { useEffect, useState } from 'react'

/** Which theme the monitor has; `auto` follows the page. */
export type MonitorTheme = 'auto' | 'light' | 'dark'

/** What the nearest element that says anything about its theme says. */
function themeOfPage(host: Element): 'light' | 'dark' {
  const named = host.closest('.dark, .light, [data-theme="dark"], [data-theme="light"]')
  if (named !== null) return named.matches('.dark, [data-theme="dark"]') ? 'dark' : 'light'
  const scheme = getComputedStyle(host).colorScheme
  if (scheme.includes('dark') && !scheme.includes('light')) return 'dark'
  if (scheme.includes('light') && !scheme.includes('dark')) return 'light'
  // A page that says nothing is shown light by every browser.
  return scheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** The theme to show, kept up to date. `host` is where the monitor stands in the page. */
export function useTheme(host: Element | null, theme: MonitorTheme): 'light' | 'dark' {
  const [ofPage, setOfPage] = useState<'light' | 'dark'>('light')
  useEffect(() => {
    if (host === null || theme !== 'auto') return undefined
    const look = (): void => setOfPage(themeOfPage(host))
    look()
    const observer = new MutationObserver(look)
    for (let element: Element | null = host; element !== null; element = element.parentElement) {
      observer.observe(element, { attributeFilter: ['class', 'data-theme', 'style'] })
    }
    const query = matchMedia('(prefers-color-scheme: dark)')
    query.addEventListener('change', look)
    return () => {
      observer.disconnect()
      query.removeEventListener('change', look)
    }
  }, [host, theme])
  return theme === 'auto' ? ofPage : theme
}
