import type { Preview } from '@storybook/react-vite'
import '@fontsource-variable/inter'
import '../src/styles.css'
import './preview.css'

const preview: Preview = {
  parameters: {
    a11y: { test: 'error' },
    layout: 'centered',
    controls: { expanded: true },
    options: { storySort: { order: ['Getting started', 'Components', 'States', 'Live'] } },
  },
  globalTypes: {
    theme: {
      description: 'Light or dark',
      toolbar: { title: 'Theme', icon: 'contrast', items: ['light', 'dark'], dynamicTitle: true },
    },
    direction: {
      description: 'Left to right or right to left',
      toolbar: { title: 'Direction', icon: 'transfer', items: ['ltr', 'rtl'], dynamicTitle: true },
    },
  },
  initialGlobals: { theme: 'light', direction: 'ltr' },
  decorators: [
    (Story, { globals }) => (
      <div data-theme={globals['theme']} dir={globals['direction']} className="story-surface">
        <Story />
      </div>
    ),
  ],
}

export default preview
