import type { DocsContainerProps } from '@storybook/addon-docs/blocks'
import type { Preview } from '@storybook/react-vite'
import { type PropsWithChildren, type ReactNode, Suspense, lazy } from 'react'
import '@fontsource-variable/inter'
import '../src/styles.css'
import './docs.css'
import './preview.css'

// Only pages of documentation need them, not the stories and their tests.
const Container = lazy(() => import('./docs-container.tsx').then(({ ThemedContainer }) => ({ default: ThemedContainer })))
const Page = lazy(() => import('./docs-page.tsx').then(({ DocsPage }) => ({ default: DocsPage })))
const docs = {
  container: (props: PropsWithChildren<DocsContainerProps>): ReactNode => <Suspense><Container {...props} /></Suspense>,
  page: (): ReactNode => <Suspense><Page /></Suspense>,
}

const preview: Preview = {
  parameters: {
    a11y: { test: 'error' },
    layout: 'centered',
    controls: { expanded: true },
    docs,
    options: { storySort: { order: ['Introduction', 'Getting started', 'Dashboard', 'Components', 'Recipes', 'States', 'Playground', 'Live'] } },
  },
  globalTypes: {
    theme: {
      description: 'Light or dark',
      toolbar: { title: 'Theme', icon: 'contrast', items: [{ value: 'light', title: 'Light', icon: 'sun' }, { value: 'dark', title: 'Dark', icon: 'moon' }], dynamicTitle: true },
    },
    direction: {
      description: 'Left to right or right to left',
      toolbar: { title: 'Direction', icon: 'transfer', items: [{ value: 'ltr', title: 'Left to right' }, { value: 'rtl', title: 'Right to left' }], dynamicTitle: true },
    },
  },
  initialGlobals: { theme: 'light', direction: 'ltr' },
  decorators: [
    (Story, { globals, parameters, viewMode }) => (
      <div data-theme={globals['theme']} data-view={viewMode} data-layout={parameters['layout']} dir={globals['direction']} className="story-surface">
        <Story />
      </div>
    ),
  ],
}

export default preview
