/** A page without Tailwind. */
import 'uplink/styles.css'
import './plain.css'
import { start } from './app.tsx'

start('host')
