/** What uplink's components add to Tailwind: colours that follow the state, and two motions. */
import type { Config } from 'tailwindcss'

const config: Config = {
  content: ['./src/components/**/*.tsx'],
  theme: {
    extend: {
      colors: {
        surface: 'var(--uplink-surface)',
        ink: 'var(--uplink-ink)',
        muted: 'var(--uplink-muted)',
        line: 'var(--uplink-line)',
        hover: 'var(--uplink-hover)',
        ring: 'var(--uplink-ring)',
        tone: { DEFAULT: 'var(--uplink-tone)', ink: 'var(--uplink-tone-ink)', soft: 'var(--uplink-tone-soft)', line: 'var(--uplink-tone-line)' },
      },
      animation: { turn: 'uplink-turn 1.2s linear infinite', enter: 'uplink-enter 180ms ease-out' },
    },
  },
}

export default config
