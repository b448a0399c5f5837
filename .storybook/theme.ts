/** The looks of Storybook itself: the same quiet greys as the product's. */
import { type ThemeVars, create } from 'storybook/theming'

const mark = (ink: string): string => `<svg xmlns="http://www.w3.org/2000/svg" width="118" height="28" viewBox="0 0 118 28"><defs><linearGradient id="a" x1="0" y1="1" x2="1" y2="0"><stop stop-color="#4f46e5"/><stop offset="1" stop-color="#06b6d4"/></linearGradient></defs><rect y="2" width="24" height="24" rx="7" fill="url(#a)"/><path d="M7 17.5v-4.2M12 17.5V10M17 17.5V6.8" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/><text x="33" y="20.5" font-family="system-ui, sans-serif" font-size="19" font-weight="680" letter-spacing="-0.5" fill="${ink}">uplink</text></svg>`

/** The theme of the frame and of the pages of documentation. */
export function themeOf(dark: boolean): ThemeVars {
  const ink = dark ? '#eceef2' : '#16181d'
  return create({
    base: dark ? 'dark' : 'light',
    brandTitle: 'uplink',
    brandImage: `data:image/svg+xml,${encodeURIComponent(mark(ink))}`,
    brandTarget: '_self',
    colorPrimary: dark ? '#a5b4fc' : '#4f46e5',
    colorSecondary: dark ? '#a5b4fc' : '#4f46e5',
    appBg: dark ? '#0c0e12' : '#f6f7f9',
    appContentBg: dark ? '#101216' : '#ffffff',
    appPreviewBg: dark ? '#101216' : '#ffffff',
    appBorderColor: dark ? '#262b34' : '#e2e5ea',
    appBorderRadius: 10,
    textColor: ink,
    barBg: dark ? '#14171c' : '#ffffff',
    fontBase: '"Inter Variable", system-ui, sans-serif',
  })
}
