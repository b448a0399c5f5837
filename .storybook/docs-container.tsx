/** Around every page of documentation: the theme of the toolbar. */
import { DocsContainer, type DocsContainerProps } from '@storybook/addon-docs/blocks'
import { type PropsWithChildren, type ReactNode, useEffect } from 'react'
import { useToolbar } from './docs-page.tsx'
import { themeOf } from './theme.ts'

/** Storybook's container, light or dark as the toolbar says. */
export function ThemedContainer(props: PropsWithChildren<DocsContainerProps>): ReactNode {
  const { theme } = useToolbar()
  useEffect(() => {
    document.documentElement.dataset['docs'] = theme
  }, [theme])
  return <DocsContainer {...props} theme={themeOf(theme === 'dark')} />
}
