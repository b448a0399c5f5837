'use client'
/** What waits to be sent, and what became of what was. */
import { useStore } from 'zustand'
import type { OutboxSnapshot } from '../engine/send-options.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/**
 * The outbox: messages that wait, that are on their way, that would survive the page, and the fates of all so
 * far; looked at four times a second at most, and only while used.
 *
 * @example
 * const { queued, inFlight } = useOutbox()
 */
export function useOutbox(target?: UplinkTarget): OutboxSnapshot {
  return useStore(useUplink(target).outbox)
}
