'use client'
/** What a round trip is worth, as people know it from their phones: four bars, of which some are full. */
import type { ReactNode } from 'react'
import type { Quality } from 'uplink'

const FULL: Readonly<Record<Quality, number>> = { unknown: 0, poor: 1, fair: 2, good: 3, excellent: 4 }

/** Bars for a quality; decoration, because its word stands beside them. */
export function QualityBars({ quality }: { readonly quality: Quality }): ReactNode {
  return (
    <svg aria-hidden="true" data-slot="quality-bars" data-quality={quality} viewBox="0 0 14 12" className="uplink-quality h-3 w-3.5 shrink-0 rtl:-scale-x-100">
      {[3, 6, 9, 12].map((height, index) => (
        <rect key={height} x={index * 3.7 + 0.3} y={12 - height + 0.3} width="2.3" height={height - 0.6} rx="0.6" stroke="currentColor" strokeWidth="0.6" fill={index < FULL[quality] ? 'currentColor' : 'none'} strokeOpacity={index < FULL[quality] ? 1 : 0.5} />
      ))}
    </svg>
  )
}
