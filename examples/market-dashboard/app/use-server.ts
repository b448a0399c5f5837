/** What the server lists, and what is blocked there. */
import { useCallback, useEffect, useState } from 'react'
import { CONTROL_PATH, type ServerState, type Switches } from '../shared.ts'

const AGAIN_MS = 1_000

/** The server's state, asked for until it is there; and what blocks. */
export function useServer(): { readonly server: ServerState | null; readonly block: (switches: Switches) => void } {
  const [server, setServer] = useState<ServerState | null>(null)
  const ask = useCallback((init?: RequestInit) => fetch(CONTROL_PATH, init).then((response) => response.json() as Promise<ServerState>).then(setServer), [])
  const known = server !== null
  useEffect(() => {
    if (known) return undefined
    const again = (): void => void ask().catch(() => undefined)
    again()
    const timer = setInterval(again, AGAIN_MS)
    return () => clearInterval(timer)
  }, [known, ask])
  const block = useCallback((switches: Switches) => void ask({ method: 'POST', body: JSON.stringify(switches) }).catch(() => undefined), [ask])
  return { server, block }
}
