/** The frame around the stories, by the theme of the system. */
import { addons } from 'storybook/manager-api'
import { themeOf } from './theme.ts'

addons.setConfig({ theme: themeOf(matchMedia('(prefers-color-scheme: dark)').matches), sidebar: { showRoots: true } })
