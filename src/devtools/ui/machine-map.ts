/** Where each phase stands in the picture of the machine, and which ways lead from one to another. */
import type { Phase } from '../../core/machine.ts'

/** A place in a picture. */
export type Point = readonly [x: number, y: number]

/** A picture: its size, the middle of each phase, and the size of a phase. */
export interface MachineMap {
  readonly width: number
  readonly height: number
  readonly nodes: Readonly<Record<Phase, Point>>
  readonly node: Point
  /** How far the way back to rest keeps from the left edge and from the bottom. */
  readonly margin: number
}

/** For panels that are wider than high. */
export const WIDE: MachineMap = {
  width: 660, height: 214, node: [104, 36], margin: 10,
  nodes: {
    idle: [84, 36], authorizing: [212, 36], dialing: [340, 36], greeting: [468, 36], open: [596, 36],
    failed: [84, 152], paused: [212, 152], waiting: [404, 152], closing: [596, 152],
  },
}

/** For phones. */
export const TALL: MachineMap = {
  width: 330, height: 372, node: [112, 36], margin: 12,
  nodes: {
    idle: [92, 34], authorizing: [92, 106], dialing: [92, 178], greeting: [92, 250], open: [92, 322],
    failed: [248, 34], paused: [248, 106], waiting: [248, 178], closing: [248, 322],
  },
}

/** A way between two phases; `bend` curves it, as a share of its length, or it goes around all others. */
export interface Way {
  readonly from: Phase
  readonly to: Phase
  readonly bend: number | 'around'
}

/** The ways that are usually gone. Others are drawn when they are. */
export const WAYS: readonly Way[] = [
  { from: 'idle', to: 'authorizing', bend: 0 },
  { from: 'authorizing', to: 'dialing', bend: 0 },
  { from: 'dialing', to: 'greeting', bend: 0 },
  { from: 'greeting', to: 'open', bend: 0 },
  { from: 'dialing', to: 'waiting', bend: 0 },
  { from: 'greeting', to: 'waiting', bend: 0 },
  { from: 'open', to: 'waiting', bend: -0.12 },
  { from: 'waiting', to: 'authorizing', bend: 0.12 },
  { from: 'waiting', to: 'paused', bend: 0 },
  { from: 'paused', to: 'authorizing', bend: 0 },
  { from: 'authorizing', to: 'failed', bend: 0 },
  { from: 'open', to: 'closing', bend: 0 },
  { from: 'closing', to: 'idle', bend: 'around' },
]

/** Where a line from the middle of a phase towards `to` leaves it. */
function edgeOf([x, y]: Point, [towardsX, towardsY]: Point, [width, height]: Point): Point {
  const [dx, dy] = [towardsX - x, towardsY - y]
  const share = Math.min(width / 2 / Math.abs(dx || 1e-9), height / 2 / Math.abs(dy || 1e-9))
  return [x + dx * share, y + dy * share]
}

const round = (value: number): number => Math.round(value * 10) / 10

/** Down, along the bottom, up along the left edge, and in from there. */
function around({ height, margin, node }: MachineMap, [fromX, fromY]: Point, [toX, toY]: Point): string {
  const bottom = height - margin
  const corner = 10
  return `M${fromX} ${fromY + node[1] / 2} V${bottom - corner} q0 ${corner} ${-corner} ${corner} H${margin + corner} q${-corner} 0 ${-corner} ${-corner} V${toY + corner} q0 ${-corner} ${corner} ${-corner} H${toX - node[0] / 2 - 5}`
}

/** The path of a way, for the `d` of an SVG path. It ends a little before the phase, where the arrow has its point. */
export function pathOf(map: MachineMap, { from, to, bend }: Way): string {
  const [a, b] = [map.nodes[from], map.nodes[to]]
  if (bend === 'around') return around(map, a, b)
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
  const middle: Point = [(a[0] + b[0]) / 2 + dy * bend, (a[1] + b[1]) / 2 - dx * bend]
  const gap: Point = [map.node[0] + 8, map.node[1] + 8]
  const [start, end] = [edgeOf(a, middle, map.node), edgeOf(b, middle, gap)]
  return `M${start.map(round).join(' ')} Q${middle.map(round).join(' ')} ${end.map(round).join(' ')}`
}
