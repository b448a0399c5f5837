'use client'
/** Name over value, two beside each other: the figures of a card. */
import type { ReactNode } from 'react'

/** Props of {@link Tiles}. */
export interface TilesProps {
  readonly tiles: ReadonlyArray<readonly [name: string, value: ReactNode]>
}

/** A description list in tiles; figures keep their columns as they change. */
export function Tiles({ tiles }: TilesProps): ReactNode {
  return (
    <dl data-slot="tiles" className="m-0 grid grid-cols-2 gap-x-4 gap-y-2.5">
      {tiles.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="text-xs text-uplink-muted">{name}</dt>
          <dd className="m-0 truncate font-medium tabular-nums"><bdi>{value}</bdi></dd>
        </div>
      ))}
    </dl>
  )
}
