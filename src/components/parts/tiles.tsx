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
    <dl data-slot="tiles" className="uplink:m-0 uplink:grid uplink:grid-cols-2 uplink:gap-x-4 uplink:gap-y-2.5">
      {tiles.map(([name, value]) => (
        <div key={name} className="uplink:min-w-0">
          <dt className="uplink:text-xs uplink:text-muted">{name}</dt>
          <dd className="uplink:m-0 uplink:truncate uplink:font-medium uplink:tabular-nums"><bdi>{value}</bdi></dd>
        </div>
      ))}
    </dl>
  )
}
