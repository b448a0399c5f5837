/**
 * Spreads channels over sockets: as few as they fit on, one more when all are full, one less when the rest have had
 * room for a while. Channels of one name share a socket where they can.
 */
import { UplinkError } from '../core/errors.ts'
import { IDLE_CHANNEL } from '../engine/channel-lease.ts'
import type { Front } from './front.ts'
import type { Member } from './member.ts'
import { type Move, createMove } from './move.ts'
import { type Seat, type SeatHost, createSeat } from './seat.ts'

/** The sockets of a pooled connection. */
export interface Spread {
  seats(): readonly Seat[]
  /** Who takes messages. */
  lead(): Seat
  /** Gives a channel a socket, or refuses it. */
  seat(front: Front): void
  /** Nobody uses a channel any more. */
  unseat(front: Front): void
  review(): void
  deadline(): number
  cancel(): void
  destroy(): void
}

/** What a spread needs. */
export interface SpreadHost extends Omit<SeatHost, 'createMember'> {
  /** As that of a seat; `leads` where it takes messages. */
  createMember(avoid: number | undefined, leads: boolean): Member
  /** There is a new socket. */
  added(seat: Seat): void
}

/** A server may hear that a channel is left a moment after it was: until then it counts. */
const LEAVE_MS = 20

/** A socket without channels, and more room than is needed, are kept for so long. */
const SPARE_MS = 10_000

/** The channels of all sockets must fill less than this share of all but one, for one to go. */
const SPARSE = 0.75

interface Transfer {
  readonly from: Seat
  readonly to: Seat
  readonly move: Move
}

/** Makes the first socket. */
export function createSpread(host: SpreadHost): Spread {
  const { maxChannels, maxSockets } = host.pool
  const seats: Seat[] = []
  const waiting = new Set<Front>()
  const home = new Map<Front, Seat>()
  /** Where the newest channel of a name is, and how many there are. */
  const names = new Map<string, { readonly seat: Seat; readonly count: number }>()
  let leaving: Array<{ readonly front: Front; readonly seat: Seat; readonly at: number }> = []
  let transfer: Transfer | undefined
  /** Since when there is more room than is needed; Infinity while there is not. */
  let sparseAt = Infinity

  function add(): Seat {
    const leads = seats.length === 0
    const seat = createSeat({ ...host, createMember: (avoid) => host.createMember(avoid, leads) })
    seats.push(seat)
    host.added(seat)
    return seat
  }

  const room = (seat: Seat): number => maxChannels - seat.fronts.size - (transfer?.to === seat ? transfer.from.fronts.size : 0)

  const fullest = (from: readonly Seat[]): Seat | undefined => from.filter((seat) => room(seat) > 0).reduce<Seat | undefined>((best, seat) => (best !== undefined && room(best) <= room(seat) ? best : seat), undefined)

  function find(front: Front): Seat | undefined {
    const others = maxSockets === 1 || seats.length === 1 ? seats : seats.filter((seat) => seat !== transfer?.from)
    const related = names.get(front.name)?.seat
    return (related !== undefined && others.includes(related) && room(related) > 0 ? related : fullest(others)) ?? (seats.length < maxSockets ? add() : undefined)
  }

  function place(front: Front): void {
    const seat = find(front)
    if (seat === undefined) {
      waiting.add(front)
      const error = new UplinkError('UPLINK_POOL_FULL', `channel "${front.name}": all ${maxSockets} sockets carry ${maxChannels} channels; it is joined when there is room`, { channel: front.name, severity: 'warning' })
      front.refuse({ ...IDLE_CHANNEL, status: 'refused', error })
      host.report(error)
      return
    }
    waiting.delete(front)
    settle(front, seat)
    names.set(front.name, { seat, count: (names.get(front.name)?.count ?? 0) + 1 })
    seat.join(front)
  }

  function settle(front: Front, seat: Seat): void {
    home.set(front, seat)
    const known = names.get(front.name)
    if (known !== undefined) names.set(front.name, { seat, count: known.count })
  }

  function total(): number {
    return seats.reduce((sum, { fronts }) => sum + fronts.size, 0)
  }

  /** The emptiest socket that could go, where the others have room enough for its channels. */
  function spare(): Seat | undefined {
    if (seats.length < 2 || maxChannels === Infinity || total() > SPARSE * maxChannels * (seats.length - 1)) return undefined
    return seats.slice(1).reduce((best, seat) => (seat.fronts.size < best.fronts.size ? seat : best))
  }

  /** Whether channels move from or to it: then nobody else takes its place. */
  const isBusy = (seat: Seat): boolean => transfer?.from === seat || transfer?.to === seat

  const isCalm = (seat: Seat): boolean => seat.next() === undefined && seat.current().isOpen()

  function startTransfer(from: Seat): void {
    const to = fullest(seats.filter((seat) => seat !== from && isCalm(seat)))
    if (to === undefined || !isCalm(from)) return
    const move = createMove(to.current(), {
      pool: host.pool, now: host.now,
      moved(front, letGo) {
        letGo()
        from.fronts.delete(front)
        to.fronts.add(front)
        settle(front, to)
      },
      done() {
        transfer = undefined
      },
    })
    const some = [...from.fronts].slice(0, room(to))
    transfer = { from, to, move }
    for (const front of some) move.add(front)
  }

  function reviewTransfer({ from, to, move }: Transfer): void {
    const isLost = (member: Member): boolean => to.current() !== member || !member.isOpen()
    if (isLost(move.to)) {
      move.cancel()
      transfer = undefined
    } else if (!from.current().isOpen()) move.rush(true)
    else if (host.now() >= move.deadline()) move.rush(false)
  }

  function shrink(): void {
    const seat = spare()
    if (seat === undefined) sparseAt = Infinity
    else if (sparseAt === Infinity) sparseAt = host.now()
    if (seat === undefined || host.now() < sparseAt + SPARE_MS || transfer !== undefined) return
    sparseAt = host.now()
    if (seat.fronts.size > 0) return startTransfer(seat)
    seats.splice(seats.indexOf(seat), 1)
    seat.destroy()
  }

  function freeSeats(): void {
    const due = leaving.filter(({ at }) => host.now() >= at)
    if (due.length === 0) return
    leaving = leaving.filter((one) => !due.includes(one))
    for (const { front, seat } of due) seat.fronts.delete(front)
    for (const front of [...waiting]) place(front)
  }

  add()

  return {
    seats: () => seats,
    lead: () => seats[0] as Seat,
    seat: place,
    unseat(front) {
      waiting.delete(front)
      transfer?.move.drop(front)
      const seat = home.get(front)
      home.delete(front)
      if (seat === undefined) return
      const known = names.get(front.name)
      if (known !== undefined && known.count > 1) names.set(front.name, { seat: known.seat, count: known.count - 1 })
      else names.delete(front.name)
      seat.leave(front)
      leaving.push({ front, seat, at: host.now() + LEAVE_MS })
    },
    review() {
      freeSeats()
      if (transfer !== undefined) reviewTransfer(transfer)
      for (const seat of seats) if (!isBusy(seat)) seat.review()
      shrink()
    },
    deadline() {
      const calm = transfer === undefined ? sparseAt + SPARE_MS : transfer.move.deadline()
      return Math.min(calm, ...leaving.map(({ at }) => at), ...seats.map((seat) => (isBusy(seat) ? Infinity : seat.deadline())))
    },
    cancel() {
      transfer?.move.cancel()
      transfer = undefined
      for (const seat of seats) seat.cancel()
    },
    destroy() {
      for (const seat of seats) seat.destroy()
    },
  }
}
