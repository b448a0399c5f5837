/** A page with Tailwind 4 and a prefix of its own. */
import './prefixed.css'
import { start } from './app.tsx'

start('tw:rounded-none tw:px-8')
