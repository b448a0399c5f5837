/** Builds the library, and runs its tests. The subpaths of package.json are the entries, in one list. */
import { fileURLToPath } from 'node:url'
import { storybookTest } from '@storybook/addon-vitest/vitest-plugin'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { CHROMIUM_FLAGS, chromiumPath } from './tests/setup/chromium.ts'

const src = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url))

/** Subpath -> source file. */
export const ENTRIES: Readonly<Record<string, string>> = {
  uplink: 'index.ts',
  'uplink/engine': 'engine/index.ts',
  'uplink/labels/de': 'components/labels/german.ts',
  'uplink/transports/ws': 'transports/ws.ts',
  'uplink/transports/socket-io': 'transports/socket-io.ts',
  'uplink/protocols/uplink': 'protocols/uplink.ts',
  'uplink/pool': 'pool/index.ts',
  'uplink/reporting': 'reporting/index.ts',
  'uplink/storage': 'storage/index.ts',
  'uplink/storage/memory': 'storage/memory.ts',
  'uplink/storage/local-storage': 'storage/local-storage.ts',
  'uplink/storage/indexed-db': 'storage/indexed-db.ts',
  'uplink/market': 'market/index.ts',
  'uplink/market/react': 'market/react/index.ts',
  'uplink/market/rest': 'market/rest/index.ts',
  'uplink/fallback': 'fallback/index.ts',
  'uplink/devtools': 'devtools/index.ts',
  'uplink/devtools/faults': 'devtools/faults/index.ts',
  'uplink/testing': 'testing/index.ts',
  'uplink/testing/node': 'testing/node/index.ts',
  'uplink/server': 'server/index.ts',
  'uplink/server/jwt': 'server/jwt.ts',
  'uplink/server/prometheus': 'server/prometheus.ts',
  'uplink/server/redis': 'server/redis.ts',
  'uplink/server/socket-io': 'server/socket-io.ts',
  'uplink/testing/server': 'testing/server/index.ts',
  'uplink/testing/react': 'testing/react/index.ts',
  'uplink/testing/msw': 'testing/msw/index.ts',
}

/** Public names resolve to the sources, longest first, so that tests and examples read like user code. */
const alias = [
  { find: /^uplink\/styles\.css$/, replacement: src('styles.css') },
  ...Object.entries(ENTRIES).map(([name, file]) => ({ find: new RegExp(`^${name}$`), replacement: src(file) })),
]

const testing = process.env['VITEST'] !== undefined

/** Found while tests run, these would reload the page in the middle of one. */
const BROWSER_DEPENDENCIES = [
  'react', 'react-dom', 'react-dom/client', 'react/jsx-runtime', 'react/jsx-dev-runtime', 'zustand', 'zustand/vanilla',
  'zustand/react/shallow', 'lucide-react', '@tanstack/react-virtual', '@radix-ui/react-popover', '@radix-ui/react-tooltip',
]

/** Unpacks the browser before the first test that needs it; it lies where `chromiumPath` says. */
const globalSetup = ['tests/setup/chromium.ts']

/** What is waited for takes its time on a busy machine; a wait that succeeds ends at once. */
const patient = { poll: { timeout: 10_000 } }

const inChromium = (name: string) => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  provider: playwright({ launchOptions: { executablePath: chromiumPath(), args: CHROMIUM_FLAGS } }),
  instances: [{ browser: 'chromium' as const, name: `${name}-chromium`, viewport: { width: 1000, height: 800 } }],
})

export default defineConfig(async () => ({
  plugins: [react(), tailwindcss()],
  resolve: { alias },
  build: {
    target: 'es2022',
    minify: false,
    sourcemap: true,
    // The command is no subpath: nobody imports it.
    lib: { entry: [...Object.values(ENTRIES), 'server/cli.ts'].map(src), formats: ['es' as const] },
    rolldownOptions: {
      external: [/^node:/, /^[a-z@][^:]*$/],
      output: { preserveModules: true, preserveModulesRoot: src('.'), entryFileNames: '[name].js' },
    },
  },
  test: !testing ? {} : {
    projects: [
      {
        extends: true as const,
        test: {
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/browser/**', 'tests/e2e/**', 'tests/package/**'],
          expect: patient,
          testTimeout: 30_000,
        },
      },
      {
        extends: true as const,
        test: {
          name: 'types',
          include: [],
          typecheck: { enabled: true, only: true, include: ['tests/types/**/*.test-d.ts'], tsconfig: 'tsconfig.types.json' },
        },
      },
      {
        extends: true as const,
        optimizeDeps: { include: [...BROWSER_DEPENDENCIES, '@testing-library/react', 'fast-check', 'idb', 'sonner', 'msw', 'msw/browser'] },
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.tsx'],
          // Pixels are compared only where the browser is the one that drew them.
          env: { NPM_CHROMIUM: process.env['CHROME_PATH'] ? 'no' : 'yes' },
          globalSetup,
          expect: patient,
          testTimeout: 30_000,
          browser: inChromium('browser'),
        },
      },
      {
        extends: true as const,
        plugins: [await storybookTest({ configDir: '.storybook' })],
        optimizeDeps: { include: [...BROWSER_DEPENDENCIES, 'idb', 'sonner', 'msw', 'msw/browser'] },
        test: { name: 'stories', globalSetup, browser: inChromium('stories') },
      },
      {
        extends: true as const,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          // These tests build the page as users do; with vitest's own NODE_ENV its JSX would be that of development.
          env: { NODE_ENV: 'production' },
          globalSetup,
          expect: patient,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true as const,
        test: { name: 'package', include: ['tests/package/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
}))
