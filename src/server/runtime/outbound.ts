/** Frames on their way to clients: encoded once for everybody, and never more of them waiting than a client may cost. */
import type { CatchUp, HubEffect, HubInput } from '../effects.ts'
import type { Door, DoorEnd } from '../doors/door.ts'
import { batchOf } from '../frames.ts'
import type { Clock } from './clock.ts'

/** What is done with messages of a channel for a client that is too slow. */
export type SlowPolicy = 'conflate' | 'resume' | 'drop'

/** What outbound needs. */
export interface OutboundHost {
  readonly clock: Clock
  /** Bytes that may wait for one client. */
  readonly budgetBytes: number
  policyOf(stream: string): SlowPolicy
  /** Largest frame that a client takes. */
  maxFrameOf(session: number): number
  tell(input: HubInput): void
  /** Messages of a channel are left out for a client from now on. */
  leftOut(policy: SlowPolicy): void
  /** A client is to be closed, because more waits for it than it may cost. */
  tooSlow(session: number): void
}

/** A connection and what it owes. */
export interface Client {
  readonly number: number
  readonly door: Door
  readonly isPlain: boolean
  readonly end: DoorEnd
  /** Streams it is too slow for, and up to where it has them; `null` while it is fast enough. */
  lag: Map<string, number> | null
  /** Messages of this turn, while several streams are sent together. */
  pending: string[] | null
}

/** The way out. */
export interface Outbound {
  readonly clients: ReadonlyMap<number, Client>
  /** Frames handed to doors since the beginning. */
  readonly sent: { frames: number; characters: number }
  add(client: Client): void
  remove(number: number): Client | undefined
  send(effect: HubEffect & { readonly type: 'send' }): void
  /** Sends what `run` sends of streams as one frame to each client. */
  together(run: () => void): void
  /** Brings everybody who is too slow for a stream to the present, from where each is. */
  catchUp(stream: string): void
  stop(): void
}

const LOOK_EVERY_MS = 100
/** Frames hold so many characters at most, where they hold several messages; and the room around those. */
const BATCH_MOST = 65_536
const WRAPPING = 64
/** Above this share of the budget messages are left out, for channels that allow it; below the other it goes on. */
const CROWDED = 0.5
const DRAINED = 0.125
const HOW: Readonly<Record<Exclude<SlowPolicy, 'resume'>, CatchUp>> = { conflate: 'conflate', drop: 'skip' }

/** Makes the way out. */
export function createOutbound(host: OutboundHost): Outbound {
  const { clock, budgetBytes } = host
  const clients = new Map<number, Client>()
  const crowded = new Set<Client>()
  const sent = { frames: 0, characters: 0 }
  // One frame goes to many: what was made of it for each kind of connection.
  let encodedText = ''
  let encoded: Array<{ readonly door: Door; readonly isPlain: boolean; readonly bytes: unknown }> = []
  let looking: unknown
  let isTogether = false
  let gathered: Client[] = []

  function bytesFor(door: Door, isPlain: boolean, text: string): unknown {
    if (text !== encodedText) {
      encodedText = text
      encoded = []
    }
    for (const known of encoded) if (known.door === door && known.isPlain === isPlain) return known.bytes
    const bytes = door.encode(text, isPlain)
    encoded.push({ door, isPlain, bytes })
    return bytes
  }

  /** Leaves a message out for a client that cannot take it now. True where its channel allows that. */
  function leaveOut(client: Client, stream: string, from: number): boolean {
    const policy = host.policyOf(stream)
    if (policy === 'resume') return false
    const lag = client.lag as Map<string, number>
    if (!lag.has(stream)) {
      lag.set(stream, from - 1)
      host.leftOut(policy)
    }
    return true
  }

  function crowd(client: Client): void {
    client.lag = new Map()
    crowded.add(client)
    looking ??= clock.setTimer(look, LOOK_EVERY_MS)
  }

  /** Looks at what waits for a client; true where that is more than it may cost. */
  function isOverBudget(client: Client): boolean {
    const waiting = client.end.waitingBytes()
    if (waiting > budgetBytes) return true
    if (waiting > budgetBytes * CROWDED && client.lag === null) crowd(client)
    return false
  }

  function gather(to: Iterable<number>, stream: string, from: number, texts: readonly string[]): void {
    for (const number of to) {
      const client = clients.get(number)
      if (client === undefined || (client.lag !== null && leaveOut(client, stream, from))) continue
      if (client.pending === null) {
        client.pending = []
        gathered.push(client)
      }
      client.pending.push(...texts)
    }
  }

  /** Sends what was gathered for a client: as one frame, or as few as it takes. */
  function flush(client: Client): void {
    const { pending, door, isPlain, end, number } = client
    client.pending = null
    if (pending === null || !clients.has(number)) return
    const most = isPlain ? 0 : Math.min(BATCH_MOST, host.maxFrameOf(number))
    let first = 0
    let size = WRAPPING
    const part = (until: number): void => {
      const text = until - first === 1 ? (pending[first] as string) : batchOf(pending.slice(first, until))
      sent.frames++
      sent.characters += text.length
      if (!end.send(bytesFor(door, isPlain, text)) && isOverBudget(client)) host.tooSlow(number)
      first = until
      size = WRAPPING
    }
    pending.forEach((text, index) => {
      if (index > first && size + text.length > most) part(index)
      size += text.length + 1
    })
    part(pending.length)
  }

  function bring(client: Client, stream: string, offset: number): void {
    const policy = host.policyOf(stream)
    client.lag?.delete(stream)
    host.tell({ type: 'catch_up', session: client.number, stream, offset, how: policy === 'resume' ? 'skip' : HOW[policy] })
  }

  /** Brings those to the present who take frames again, one stream at a time. */
  function look(): void {
    looking = undefined
    for (const client of [...crowded]) {
      if (client.end.waitingBytes() > budgetBytes * DRAINED) continue
      const [next] = client.lag ?? []
      if (next === undefined) {
        client.lag = null
        crowded.delete(client)
        continue
      }
      bring(client, ...next)
    }
    if (crowded.size > 0) looking = clock.setTimer(look, LOOK_EVERY_MS)
  }

  return {
    clients,
    sent,
    add: (client) => void clients.set(client.number, client),
    remove(number) {
      const client = clients.get(number)
      clients.delete(number)
      if (client !== undefined) crowded.delete(client)
      return client
    },
    together(run) {
      isTogether = true
      try {
        run()
      } finally {
        isTogether = false
        const waiting = gathered
        gathered = []
        for (const client of waiting) flush(client)
      }
    },
    send({ to, text, stream, from = 0, parts }) {
      if (isTogether && stream !== undefined) return gather(to, stream, from, parts ?? [text])
      let count = 0
      let door: Door | undefined
      let isPlain = false
      let bytes: unknown
      let tooSlow: number[] | undefined
      let plain: Client[] | undefined
      for (const number of to) {
        const client = clients.get(number)
        if (client === undefined) continue
        if (client.lag !== null && stream !== undefined && leaveOut(client, stream, from)) continue
        // What was gathered for it came before this.
        if (client.pending !== null) flush(client)
        if (client.isPlain && parts !== undefined && parts.length > 1) {
          (plain ??= []).push(client)
          continue
        }
        if (client.door !== door || client.isPlain !== isPlain) {
          door = client.door
          isPlain = client.isPlain
          bytes = bytesFor(door, isPlain, text)
        }
        count++
        if (!client.end.send(bytes) && isOverBudget(client)) (tooSlow ??= []).push(number)
      }
      sent.frames += count
      sent.characters += count * text.length
      // Plain clients know nothing of batches: every message is a frame, made once for all of them.
      for (const part of plain === undefined ? [] : (parts ?? [])) {
        for (const client of plain ?? []) {
          if (!client.end.send(bytesFor(client.door, true, part)) && isOverBudget(client)) (tooSlow ??= []).push(client.number)
        }
        sent.frames += plain?.length ?? 0
        sent.characters += (plain?.length ?? 0) * part.length
      }
      // The hub's own list of followers is being read until here.
      for (const number of new Set(tooSlow)) host.tooSlow(number)
    },
    catchUp(stream) {
      for (const client of [...crowded]) {
        const offset = client.lag?.get(stream)
        if (offset !== undefined) bring(client, stream, offset)
      }
    },
    stop: () => clock.clearTimer(looking),
  }
}
