'use client'
/** The state machine as it stands: every phase, the one it is in, and the way it came. */
import { type ReactNode, useId } from 'react'
import type { Transition } from '../../core/history.ts'
import type { ConnectionState, Phase } from '../../core/machine.ts'
import { PHASE_WORDS, STATE_WORDS, duration } from './format.ts'
import { type MachineMap, TALL, WAYS, WIDE, type Way, pathOf } from './machine-map.ts'

/** Props of {@link MachinePicture}. */
export interface MachinePictureProps {
  readonly phase: Phase
  readonly state: ConnectionState
  /** The last change of phase, if there was one. */
  readonly last: Transition | undefined
  /** How long until the next attempt, in ms; `null` while none is waited for. */
  readonly retryInMs: number | null
  readonly isNarrow: boolean
}

/** The way that was gone last; one that is not drawn already is bent, so that it passes beside the others. */
function lastWay(last: Transition | undefined): Way | undefined {
  if (last === undefined || last.from === last.to) return undefined
  return WAYS.find(({ from, to }) => from === last.from && to === last.to) ?? { from: last.from, to: last.to, bend: 0.18 }
}

function Node({ map, phase, mark, note }: { readonly map: MachineMap; readonly phase: Phase; readonly mark: 'current' | 'before' | 'other'; readonly note: string }): ReactNode {
  const [x, y] = map.nodes[phase]
  const [width, height] = map.node
  return (
    <g className="node" data-phase={phase} data-mark={mark}>
      {mark === 'current' && <rect className="halo" x={x - width / 2 - 5} y={y - height / 2 - 5} width={width + 10} height={height + 10} rx="14" />}
      <rect className="box" x={x - width / 2} y={y - height / 2} width={width} height={height} rx="10" />
      <text x={x} y={y}>{phase}</text>
      {note !== '' && <text className="note" x={x} y={y + height / 2 + 16}>{note}</text>}
    </g>
  )
}

/** Draws the machine. What it shows is said in words as well. */
export function MachinePicture({ phase, state, last, retryInMs, isNarrow }: MachinePictureProps): ReactNode {
  const id = useId()
  const map = isNarrow ? TALL : WIDE
  const gone = lastWay(last)
  const isGone = ({ from, to }: Way): boolean => from === gone?.from && to === gone.to
  const drawn = gone === undefined || WAYS.some(isGone) ? WAYS : [...WAYS, gone]
  const note = retryInMs === null ? '' : `next attempt in ${duration(Math.max(0, retryInMs))}`
  const came = last === undefined ? '' : `, came from ${last.from}`
  return (
    <svg className="machine" viewBox={`0 0 ${map.width} ${map.height}`} role="img" aria-label={`${STATE_WORDS[state]}: phase ${phase}, ${PHASE_WORDS[phase]}${came}`} data-state={state}>
      <defs>
        {['quiet', 'loud'].map((kind) => (
          <marker key={kind} id={`${id}-${kind}`} className={kind} viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0.5 0.5 L7 4 L0.5 7.5 Z" />
          </marker>
        ))}
      </defs>
      {drawn.map((way) => (
        <path key={`${way.from}-${way.to}`} className="way" data-gone={isGone(way)} d={pathOf(map, way)} markerEnd={`url(#${id}-${isGone(way) ? 'loud' : 'quiet'})`} />
      ))}
      {(Object.keys(map.nodes) as Phase[]).map((each) => (
        <Node key={each} map={map} phase={each} mark={each === phase ? 'current' : each === gone?.from ? 'before' : 'other'} note={each === phase ? note : ''} />
      ))}
    </svg>
  )
}
