import type { StorybookConfig } from '@storybook/react-vite'

const config: StorybookConfig = {
  stories: ['../stories/**/*.mdx', '../stories/**/*.stories.tsx'],
  addons: ['@storybook/addon-docs', '@storybook/addon-a11y', '@storybook/addon-vitest'],
  staticDirs: ['./public'],
  framework: '@storybook/react-vite',
  core: { disableTelemetry: true },
  features: { sidebarOnboardingChecklist: false },
  // The library build of vite.config.ts has no page; Storybook brings its own.
  viteFinal: (vite) => ({ ...vite, build: { ...vite.build, lib: false, rolldownOptions: {}, chunkSizeWarningLimit: 3000 } }),
}

export default config
