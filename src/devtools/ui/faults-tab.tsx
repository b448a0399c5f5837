'use client'
/** The fault panel: breaks the link between this page and its server on purpose, and only here. */
import { type FormEvent, type ReactNode, useState } from 'react'
import { useStore } from 'zustand'
import { closeMeaning } from '../../protocol/close.ts'
import type { FaultController } from '../faults/faults.ts'
import type { Faults } from '../faults/state.ts'
import { useMonitored, useRecording } from './context.ts'
import { copyText } from './copy.ts'
import { count } from './format.ts'

const RECIPE = `import { createUplink, webSocket } from 'uplink'
import { faults } from 'uplink/devtools/faults'

const { transport, controller } = faults(webSocket())
const uplink = createUplink({ url, transport })

<ConnectionMonitor faults={controller} />`

const CODES = [1000, 1001, 1006, 1008, 1011, 1012, 1013, 4401, 4403, 4409, 4410, 4413, 4429]

type Named<Value> = { [Name in keyof Faults]: Faults[Name] extends Value ? Name : never }[keyof Faults]

const SWITCHES: ReadonlyArray<readonly [name: Named<boolean>, label: string, hint: string]> = [
  ['offline', 'Offline', 'No network: sockets end, none opens.'],
  ['halfOpen', 'Half-open', 'Sockets open and stay silent. Only a heartbeat notices.'],
  ['staleToken', 'Stale token', 'Every socket is closed with 4401. Credentials are asked for again, once.'],
]

const AMOUNTS: ReadonlyArray<readonly [name: Named<number>, label: string, unit: string, hint: string, most: number, step: number]> = [
  ['latencyMs', 'Latency', 'ms', 'So much later, each way.', 3_000, 50],
  ['jitterMs', 'Jitter', 'ms', 'At most so much more, by chance.', 3_000, 50],
  ['slowConsumer', 'Slow consumer', 'per second', 'Frames that the page takes; 0 is all. More than 10,000 waiting end the socket.', 1_000, 1],
]

const LOSSES: ReadonlyArray<readonly [name: Named<number>, label: string]> = [['loseIncoming', 'Lose incoming'], ['loseOutgoing', 'Lose outgoing']]

function Missing(): ReactNode {
  const [copied, setCopied] = useState(false)
  return (
    <div className="missing">
      <h3>Break it on purpose</h3>
      <p>This connection has no fault transport yet. Put one between it and its WebSocket, in development only, and this tab takes the network away, delays it, loses messages, or lets the token expire.</p>
      <pre tabIndex={0} role="region" aria-label="How to add it">{RECIPE}</pre>
      <button type="button" className="plain" onClick={() => void copyText(RECIPE).then(setCopied)}>{copied ? 'Copied' : 'Copy'}</button>
    </div>
  )
}

function Switch({ controller, name, label, hint }: { readonly controller: FaultController; readonly name: Named<boolean>; readonly label: string; readonly hint: string }): ReactNode {
  const isOn = useStore(controller, (faults) => faults[name])
  return (
    <button type="button" className="fault" role="switch" aria-checked={isOn} aria-label={label} onClick={() => controller.set({ [name]: !isOn })}>
      <span className="knob" aria-hidden="true" />
      <span><b>{label}</b><small>{hint}</small></span>
    </button>
  )
}

function Amount({ controller, name, label, unit, hint, most, step }: {
  readonly controller: FaultController
  readonly name: Named<number>
  readonly label: string
  readonly unit: string
  readonly hint: string
  readonly most: number
  readonly step: number
}): ReactNode {
  const value = useStore(controller, (faults) => faults[name])
  return (
    <label className="fault amount" data-on={value > 0}>
      <span><b>{label}</b><output>{value === 0 ? 'off' : `${count(value)} ${unit}`}</output><small>{hint}</small></span>
      <input type="range" aria-label={label} min={0} max={most} step={step} value={Math.min(value, most)} onChange={(event) => controller.set({ [name]: Number(event.target.value) })} />
    </label>
  )
}

function Loss({ controller, name, label }: { readonly controller: FaultController; readonly name: Named<number>; readonly label: string }): ReactNode {
  const left = useStore(controller, (faults) => faults[name])
  const [amount, setAmount] = useState(5)
  function lose(event: FormEvent): void {
    event.preventDefault()
    controller.set({ [name]: amount })
  }
  return (
    <form className="fault" data-on={left > 0} onSubmit={lose}>
      <span><b>{label}</b><output>{left === 0 ? 'none' : `${count(left)} to go`}</output></span>
      <span className="inline">
        <label>the next <input type="number" aria-label={`${label}: how many`} min={1} max={1_000_000} value={amount} onChange={(event) => setAmount(Math.min(1_000_000, Math.max(1, Math.round(Number(event.target.value)) || 1)))} /> frames</label>
        <button type="submit" className="plain">Lose</button>
      </span>
    </form>
  )
}

function Close({ controller }: { readonly controller: FaultController }): ReactNode {
  const [code, setCode] = useState(1012)
  const { meaning, advice } = closeMeaning(code)
  function close(event: FormEvent): void {
    event.preventDefault()
    controller.close(code, meaning)
  }
  return (
    <form className="fault wide" onSubmit={close}>
      <span><b>Close with a code</b><small>{meaning}; the client will {advice === 'fatal' ? 'not try again' : advice === 'authorize' ? 'ask for credentials again' : advice === 'later' ? 'wait, then try again' : 'try again'}.</small></span>
      <span className="inline">
        <select aria-label="Close code" value={code} onChange={(event) => setCode(Number(event.target.value))}>
          {CODES.map((one) => <option key={one} value={one}>{one} {closeMeaning(one).meaning}</option>)}
        </select>
        <button type="submit" className="plain">Close</button>
      </span>
    </form>
  )
}

function Controls({ controller }: { readonly controller: FaultController }): ReactNode {
  useRecording()
  const { sockets, held, lost } = controller.counts()
  return (
    <div className="faults">
      <div className="faults-head">
        <span className="soft">{sockets === 1 ? '1 socket' : `${sockets} sockets`} · {count(held)} frames held · {count(lost)} lost on purpose</span>
        <button type="button" className="plain strong" onClick={() => controller.heal()}>Heal everything</button>
      </div>
      <div className="grid">
        {SWITCHES.map(([name, label, hint]) => <Switch key={name} controller={controller} name={name} label={label} hint={hint} />)}
        {AMOUNTS.map(([name, label, unit, hint, most, step]) => <Amount key={name} controller={controller} name={name} label={label} unit={unit} hint={hint} most={most} step={step} />)}
        {LOSSES.map(([name, label]) => <Loss key={name} controller={controller} name={name} label={label} />)}
        <Close controller={controller} />
      </div>
    </div>
  )
}

/** The tab of faults. */
export function FaultsTab(): ReactNode {
  const { faults } = useMonitored()
  return faults === undefined ? <Missing /> : <Controls controller={faults} />
}
