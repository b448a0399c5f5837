'use client'
/** Latency as it is shown: what is on the screen stays there over a drop that is not. */
import { useState } from 'react'
import { type Display, type LatencySnapshot, type UplinkTarget, useConnection, useHasPassed, useLatency } from 'uplink'

/** A new socket has this long to answer its first ping; then its latency is unknown, whatever the one before had. */
const FIRST_ANSWER_MS = 10_000

/** The latency to show beside `display`. */
export function useShownLatency(display: Display, target: UplinkTarget | undefined): LatencySnapshot {
  const latest = useLatency(target)
  const connectedAt = useConnection((connection) => connection.connectedAt, target)
  const [held, setHeld] = useState({ since: display.since, latency: latest })
  const mayHold = latest.current === null && held.latency.current !== null && display.state === 'connected' && held.since === display.since
  const isTooOld = useHasPassed(mayHold && connectedAt !== null ? connectedAt + FIRST_ANSWER_MS : null, target)
  if (mayHold && !isTooOld) return held.latency
  if (held.latency !== latest || held.since !== display.since) setHeld({ since: display.since, latency: latest })
  return latest
}
