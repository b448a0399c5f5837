/** What the members of a pool tell, told once: by whom it concerns, and only where somebody listens. */
import { UplinkError } from '../core/errors.ts'
import type { Connection } from '../engine/connection-interface.ts'
import type { Emitter, EventListener, EventName } from '../engine/events.ts'
import { type MessageListener, createRouter } from '../engine/router.ts'
import type { Message } from '../protocol/message.ts'
import type { MessagePattern } from '../protocol/schema.ts'
import type { Member } from './member.ts'
import type { Seat } from './seat.ts'

/** What ears need. */
export interface EarsHost {
  readonly emitter: Emitter
  seats(): readonly Seat[]
  /** Whether messages of this channel are told by the channel itself. */
  isKnown(channel: string): boolean
  isOver(): boolean
  /** Runs `tell` once everything that happens with it is done. */
  later(tell: () => void): void
  listenerFailed(thrown: unknown): void
}

/** The ears of one pooled connection. */
export interface Ears {
  /** Listens to a member; `leads` where it takes messages, or may come to. */
  add(member: Member, leads: boolean): void
  remove(member: Member): void
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): () => void
  subscribe(pattern: MessagePattern, listener: MessageListener): () => void
  /** Tells a message to those who hear all of them, or its type. */
  tell(message: Message): void
  clear(): void
}

/** Fates of messages are told by whoever had the message. */
const FATES = ['messageQueued', 'messagePersisted', 'messageAcknowledged', 'messageRejected', 'messageDropped', 'messageUnknown', 'messageKept'] as const satisfies readonly EventName[]

/** What happens to a socket is news while it has its place. */
const LIFE = ['close', 'reconnecting', 'reconnectFailed', 'heartbeatTimeout'] as const satisfies readonly EventName[]

/** Frames are for tools. */
const FRAMES = ['frameReceived', 'frameSent'] as const satisfies readonly EventName[]

/** What befalls a stand-in costs nobody anything. */
const harmless = ({ code, message, cause, closeCode }: UplinkError): UplinkError =>
  new UplinkError(code, message, { severity: 'warning', cause, ...(closeCode === undefined ? {} : { closeCode }) })

/** Makes ears that listen to nobody yet. */
export function createEars(host: EarsHost): Ears {
  const { emitter, seats, later } = host
  const router = createRouter(host.listenerFailed)
  const members = new Map<Member, boolean>()
  /** Nobody pays for telling frames, and messages by type, before somebody listens to them. */
  let hearsFrames = false
  let hearsAll = false

  const isSeated = (member: Member): boolean => seats().some((seat) => seat.current() === member)
  const isLead = (member: Member): boolean => seats()[0]?.current() === member
  const standsIn = (member: Member): boolean => seats().some((seat) => seat.next() === member)

  function forward<Name extends EventName>(connection: Connection, name: Name, isNews: () => boolean = () => true): void {
    connection.on(name, (event) => { if (isNews()) later(() => emitter.emit(name, event)) })
  }

  function tell(message: Message): void {
    if (!hearsAll) return
    emitter.emit('message', message)
    router.route(message, host.isOver)
  }

  function hearFrames({ connection }: Member): void {
    for (const name of FRAMES) connection.on(name, (frame) => emitter.emit(name, frame))
  }

  function hearAll(member: Member): void {
    member.connection.on('message', (message) => {
      if (isLead(member) && (message.channel === undefined || !host.isKnown(message.channel))) tell(message)
    })
  }

  function wantAll(): void {
    if (hearsAll) return
    hearsAll = true
    for (const [member, leads] of members) if (leads) hearAll(member)
  }

  function wantFrames(): void {
    if (hearsFrames) return
    hearsFrames = true
    for (const member of members.keys()) hearFrames(member)
  }

  return {
    add(member, leads) {
      const { connection } = member
      members.set(member, leads)
      for (const name of FATES) forward(connection, name)
      for (const name of LIFE) forward(connection, name, () => isSeated(member))
      forward(connection, 'pong', () => isLead(member))
      connection.on('error', (error) => {
        const told = standsIn(member) ? harmless(error) : error
        later(() => emitter.emit('error', told))
      })
      if (hearsFrames) hearFrames(member)
      if (hearsAll && leads) hearAll(member)
    },
    remove: (member) => void members.delete(member),
    on(name, listener) {
      if (name === 'message') wantAll()
      if (FRAMES.some((frame) => frame === name)) wantFrames()
      return emitter.on(name, listener)
    },
    subscribe(pattern, listener) {
      wantAll()
      return router.add(pattern, listener)
    },
    tell,
    clear() {
      router.clear()
      emitter.clear()
    },
  }
}
