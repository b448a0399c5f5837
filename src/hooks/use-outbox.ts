'use client'
/** What waits to be sent, and what became of what was. */
import { useStore } from 'zustand'
import type { OutboxSnapshot } from '../engine/send-options.ts'
import { type UplinkTarget, useUplink } from './use-uplink.ts'

/**
 * The outbox: messages that wait, that are on their way, that would survive the page, and the fates of all so
 * far. New in the next frame after a send of this uplink; for all else it is looked at four times a second, and
 * only while used.
 *
 * @example
 * const { queued, inFlight } = useOutbox()
 */
export function useOutbox(target?: UplinkTarget): OutboxSnapshot {
  return useStore(useUplink(target).outbox)
}
