/** A door that can be told to misbehave: the server behind it is the real one, and knows nothing of it. */
import type { Door, DoorEnd } from 'uplink/server'

/** A door, and what can be done to everybody who came through it. */
export interface BreakableDoor extends Door {
  /** Connections that are open. */
  clients(): number
  /** Closes every connection with a code. */
  closeAll(code: number, reason: string): void
  /** While set, new connections are closed at once with this code. */
  turnAway(code: number | null): void
  /** While silent, everything is accepted and nothing is said. */
  setSilent(isSilent: boolean): void
}

/** The number of those who are turned away: no server has such a connection, so none hears of them. */
const NOBODY = -1

/** Makes a door breakable. `onClients` hears that somebody has come or gone. */
export function breakable(door: Door, onClients: () => void): BreakableDoor {
  const ends = new Map<number, DoorEnd>()
  let isSilent = false
  let turnedAway: number | null = null

  /** An end that can be gagged. Doors may give instances of a class, which cannot be spread. */
  const gag = (end: DoorEnd): DoorEnd => ({
    send: (encoded) => isSilent || end.send(encoded),
    close: (code, reason) => end.close(code, reason),
    waitingBytes: () => end.waitingBytes(),
  })

  return {
    name: door.name,
    encode: door.encode,
    open: (host) => door.open({
      ...host,
      enter(end, visit) {
        if (turnedAway !== null) {
          end.close(turnedAway, 'turned away')
          return NOBODY
        }
        const session = host.enter(gag(end), visit)
        ends.set(session, end)
        onClients()
        return session
      },
      left(session) {
        host.left(session)
        if (ends.delete(session)) onClients()
      },
    }),
    clients: () => ends.size,
    closeAll(code, reason) {
      for (const end of ends.values()) end.close(code, reason)
    },
    turnAway(code) {
      turnedAway = code
    },
    setSilent(value) {
      isSilent = value
    },
  }
}
