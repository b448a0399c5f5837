/** Breaks the server, or the path to it, on purpose. */
import { type ReactNode, useEffect, useState } from 'react'
import { useWebSocket } from 'uplink'
import { FAULTS, type FaultId } from '../shared.ts'

/** How often the panel asks whether a fault has passed by itself, as a restart does. */
const LOOK_INTERVAL_MS = 1_000

/** Asks the control API, which does not take the path that is broken. Without an action it only looks. */
async function control(action?: FaultId | 'heal'): Promise<FaultId | null> {
  const response = await (action === undefined ? fetch('/control') : fetch(`/control/${action}`, { method: 'POST' }))
  return ((await response.json()) as { current: FaultId | null }).current
}

/** The fault that is on, also one that another page turned on before, and the way to change it. */
function useFault(): readonly [FaultId | null, (action: FaultId | 'heal') => void] {
  const [current, setCurrent] = useState<FaultId | null>(null)
  useEffect(() => {
    let isMounted = true
    // The demo itself may be gone: then there is nothing to tell.
    const look = (): void => void control().then((fault) => { if (isMounted) setCurrent(fault) }, () => undefined)
    look()
    const timer = current === null ? undefined : setInterval(look, LOOK_INTERVAL_MS)
    return () => {
      isMounted = false
      clearInterval(timer)
    }
  }, [current])
  return [current, (action) => void control(action).then(setCurrent, () => undefined)]
}

function Group({ where, title, current, run }: {
  readonly where: 'server' | 'path'
  readonly title: string
  readonly current: FaultId | null
  readonly run: (fault: FaultId) => void
}): ReactNode {
  return (
    <fieldset>
      <legend>{title}</legend>
      {FAULTS.filter((fault) => fault.where === where).map(({ id, label, hint }) => (
        <button key={id} type="button" className="fault" aria-pressed={current === id} onClick={() => run(id)}>
          <span>{label}</span>
          <small>{hint}</small>
        </button>
      ))}
    </fieldset>
  )
}

export function BreakIt(): ReactNode {
  const [current, run] = useFault()
  const { connect, disconnect, reconnect } = useWebSocket()
  return (
    <section className="panel break" aria-label="Break it">
      <h2>Break it</h2>
      <Group where="server" title="The server" current={current} run={run} />
      <Group where="path" title="The path to it" current={current} run={run} />
      <div className="actions">
        <button type="button" className="heal" onClick={() => run('heal')}>Heal everything</button>
        <span className="now" role="status">{FAULTS.find(({ id }) => id === current)?.label ?? 'Nothing is broken'}</span>
      </div>
      <fieldset>
        <legend>This client</legend>
        <div className="actions">
          <button type="button" onClick={() => void connect()}>Connect</button>
          <button type="button" onClick={() => disconnect()}>Disconnect</button>
          <button type="button" onClick={() => disconnect({ graceful: true })}>Disconnect gracefully</button>
          <button type="button" onClick={reconnect}>Reconnect now</button>
        </div>
      </fieldset>
    </section>
  )
}
