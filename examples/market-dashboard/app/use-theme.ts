/** Light or dark: as the system has it, until somebody chooses. */
import { useEffect, useState, useSyncExternalStore } from 'react'

/** A theme. */
export type Theme = 'light' | 'dark'

const DARK = '(prefers-color-scheme: dark)'

const systemTheme = (): Theme => (window.matchMedia(DARK).matches ? 'dark' : 'light')

function onSystemTheme(listener: () => void): () => void {
  const query = window.matchMedia(DARK)
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

/** The theme, set on the root, because popovers live outside the page's element. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const system = useSyncExternalStore(onSystemTheme, systemTheme)
  const [chosen, choose] = useState<Theme | null>(null)
  const theme = chosen ?? system
  useEffect(() => { document.documentElement.dataset['theme'] = theme }, [theme])
  return [theme, choose]
}
