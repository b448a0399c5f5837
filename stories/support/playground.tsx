/** A stage on which a connection lives, and buttons that break it. */
import './product.css'
import { type ReactNode, useEffect, useState } from 'react'
import { UplinkProvider } from 'uplink'
import { type Fault, type World, createWorld } from './world.ts'

const FAULTS: ReadonlyArray<readonly [fault: Fault, label: string, hint: string]> = [
  ['cut', 'Cut the network', 'Sockets end, new ones are refused'],
  ['half-open', 'Half-open', 'Nothing arrives any more, and nobody is told'],
  ['offline', 'Device offline', 'The browser says that there is no network'],
  ['restart', 'Restart the server', 'It is back after six seconds, with all it knew'],
  ['overloaded', 'Overloaded', 'The server asks to come back later (1013)'],
  ['blocked', 'Block this user', 'The server refuses for good (4403)'],
  ['slow', 'Slow network', 'A round trip takes most of a second'],
]

const TICK_MS = 100
/** Long enough for a chart that has something to show. */
const PAST_MS = 45_000

/** Starts a world some time ago, so that it has a past. */
export function useWorld(make: () => World = createWorld): World {
  const [world] = useState(() => {
    const made = make()
    void made.uplink.connect()
    made.pass(PAST_MS)
    return made
  })
  useEffect(() => {
    const timer = setInterval(() => world.pass(TICK_MS), TICK_MS)
    return () => clearInterval(timer)
  }, [world])
  return world
}

/** What breaks a world, and mends it. */
export function FaultBar({ world, only }: { readonly world: World; readonly only?: readonly Fault[] }): ReactNode {
  const [broken, setBroken] = useState<Fault | null>(null)
  const faults = FAULTS.filter(([fault]) => only?.includes(fault) ?? true)
  return (
    <fieldset className="p-faults">
      <legend>Break it</legend>
      {faults.map(([fault, label, hint]) => (
        <button
          key={fault}
          type="button"
          className="p-button"
          title={hint}
          aria-pressed={broken === fault}
          onClick={() => {
            world.break(fault)
            setBroken(fault)
          }}
        >
          {label}
        </button>
      ))}
      <button
        type="button"
        className="p-button p-heal"
        onClick={() => {
          world.heal()
          setBroken(null)
        }}
      >
        Heal
      </button>
    </fieldset>
  )
}

/** A component with a live connection behind it, and the buttons that break that. */
export function Playground({ children, make, only }: {
  readonly children: ReactNode
  readonly make?: () => World
  readonly only?: readonly Fault[]
}): ReactNode {
  const world = useWorld(make)
  return (
    <UplinkProvider uplink={world.uplink}>
      <div className="p-playground">
        <div className="p-stage">{children}</div>
        <FaultBar world={world} {...(only === undefined ? {} : { only })} />
      </div>
    </UplinkProvider>
  )
}
