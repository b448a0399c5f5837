/** A page with Tailwind 4. */
import './tailwind.css'
import { start } from './app.tsx'

start('rounded-none px-8')
