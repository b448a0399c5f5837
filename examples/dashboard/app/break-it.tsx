/** Breaks the server, or the path to it, on purpose. */
import { type ReactNode, useState } from 'react'
import { useWebSocket } from 'uplink'
import { FAULTS, type FaultId } from '../shared.ts'

async function post(action: FaultId | 'heal'): Promise<FaultId | null> {
  const response = await fetch(`/control/${action}`, { method: 'POST' })
  return ((await response.json()) as { current: FaultId | null }).current
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
  const [current, setCurrent] = useState<FaultId | null>(null)
  const { connect, disconnect, reconnect } = useWebSocket()
  const run = (action: FaultId | 'heal'): void => void post(action).then(setCurrent)
  return (
    <section className="panel break" aria-label="Break it">
      <h2>Break it</h2>
      <Group where="server" title="The server" current={current} run={run} />
      <Group where="path" title="The path to it" current={current} run={run} />
      <div className="actions">
        <button type="button" className="heal" onClick={() => run('heal')}>Heal everything</button>
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
