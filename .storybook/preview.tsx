import type { Preview } from '@storybook/react-vite'
import '../src/styles.css'
import './preview.css'

const preview: Preview = {
  parameters: {
    a11y: { test: 'error' },
    layout: 'centered',
    controls: { expanded: true },
    options: { storySort: { order: ['Getting started', 'Components', 'Live'] } },
  },
  globalTypes: {
    theme: {
      description: 'Light or dark',
      toolbar: { title: 'Theme', icon: 'contrast', items: ['light', 'dark'], dynamicTitle: true },
    },
  },
  initialGlobals: { theme: 'light' },
  decorators: [
    (Story, { globals }) => (
      <div data-theme={globals['theme']} className="story-surface">
        <Story />
      </div>
    ),
  ],
}

export default preview
