/**
 * How everything looks, pixel by pixel: every state, light and dark next to each other. The font is bundled, the clock
 * and the time zone are fixed, nothing moves. Another browser than the one from npm draws other pixels: there these
 * tests are skipped, by name. `npx vitest run --project browser tests/browser/visual.test.tsx --update` draws anew; look
 * at what it drew.
 */
import '@fontsource-variable/inter'
import { cleanup, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { cdp, page } from 'vitest/browser'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ConnectionBanner, ConnectionIndicator, ConnectionStatus, ConnectionStatusCard, LabelsProvider } from 'uplink'
import { GERMAN } from 'uplink/labels/de'
import '../../src/styles.css'
import { SCENES, SITUATIONS, STATES, type Scene, SceneProvider } from '../../stories/support/scenes.tsx'

const THEMES = { light: ['#ffffff', '#16181d'], dark: ['#101216', '#eceef2'] } as const

/** What `show` makes of each scene, in light and in dark. */
function Sheet({ scenes, show, isStacked = false, dir = 'ltr' }: {
  readonly scenes: ReadonlyArray<readonly [name: string, make: () => Scene]>
  readonly show: (name: string) => ReactNode
  readonly isStacked?: boolean
  readonly dir?: 'ltr' | 'rtl'
}): ReactNode {
  return (
    <div data-testid="sheet" dir={dir} style={{ width: 980, display: 'grid', gridTemplateColumns: isStacked ? '1fr' : '1fr 1fr', fontFamily: 'Inter Variable' }}>
      {Object.entries(THEMES).map(([theme, [background, color]]) => (
        <div key={theme} data-theme={theme} style={{ background, color, padding: 16, display: 'grid', gap: 8, alignContent: 'start' }}>
          {scenes.map(([name, make]) => <SceneProvider key={name} scene={make}>{show(name)}</SceneProvider>)}
        </div>
      ))}
    </div>
  )
}

const every = STATES.map((state) => [state, SCENES[state]] as const)

async function looksAsBefore(name: string, sheet: ReactNode): Promise<void> {
  render(sheet)
  await document.fonts.load('500 1rem "Inter Variable"')
  await document.fonts.ready
  await expect.element(page.getByTestId('sheet')).toMatchScreenshot(name, {
    comparatorName: 'pixelmatch',
    // The same browser draws the same pixels; processors may round the edge of a letter in another way.
    comparatorOptions: { threshold: 0.03, allowedMismatchedPixels: 60 },
  })
}

// Set by vite.config.ts: a browser named by CHROME_PATH is another one.
const isOurs = (import.meta as { readonly env?: Readonly<Record<string, string>> }).env?.['NPM_CHROMIUM'] === 'yes'

describe.skipIf(!isOurs)(isOurs ? 'drawn by the Chromium from npm' : 'skipped: CHROME_PATH names another browser than the Chromium from npm', () => {
  beforeAll(() => page.viewport(1000, 700))
  beforeEach(async () => {
    await cdp().send('Emulation.setTimezoneOverride', { timezoneId: 'UTC' })
    await cdp().send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-reduced-motion', value: 'reduce' }] })
  })
  afterEach(async () => {
    cleanup()
    await cdp().send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-reduced-motion', value: '' }] })
  })

  it('indicators and status lines look as they did, in every state', () => looksAsBefore('lines', (
    <Sheet
      scenes={every}
      show={() => (
        <div style={{ display: 'grid', gridTemplateColumns: '10rem 3rem 3rem 1fr', height: 34 }}>
          <ConnectionIndicator /><ConnectionIndicator showLabel={false} /><ConnectionIndicator variant="icon" /><ConnectionStatus compact />
        </div>
      )}
    />
  )))

  it.each(['connected', 'reconnecting', 'catching_up'] as const)('the card looks as it did in state "%s"', (state) => looksAsBefore(`card-${state}`, (
    <Sheet scenes={[[state, SCENES[state]]]} show={() => <ConnectionStatusCard heading="Market data" />} />
  )))

  it('the banner looks as it did, wide and narrow', () => looksAsBefore('banners', (
    <Sheet
      isStacked
      scenes={[['gone', SITUATIONS['server gone']], ['expired', SITUATIONS['token expired']]]}
      show={() => (
        <div style={{ display: 'grid', gridTemplateColumns: '1fr 21rem', height: 112 }}>
          {['wide', 'narrow'].map((width) => <div key={width}><ConnectionBanner grace={0} actions={{ sign_in: () => undefined }} /></div>)}
        </div>
      )}
    />
  )))

  it('everything is mirrored from right to left, and holds longer words', () => looksAsBefore('mirrored', (
    <LabelsProvider labels={GERMAN}>
      <Sheet dir="rtl" scenes={[['away', SCENES.reconnecting]]} show={() => <div style={{ display: 'grid', gap: 12, justifyItems: 'start' }}><ConnectionIndicator /><ConnectionStatus showDetails /><ConnectionStatusCard /></div>} />
    </LabelsProvider>
  )))
})
