/**
 * The last hour of an uplink, kept beside it: nothing is listened to, kept or computed before somebody asks. Once
 * begun it goes on as long as the uplink, so that a page that shows it now and then shows a whole hour.
 */
import {
  type ConnectionRecord, EMPTY_RECORD, RECORD_STEP_MS, type Recording, createRecording, noteDisplay, noteHistory, noteRoundTrip, noteSocket, recordAt,
} from '../core/record.ts'
import type { AnyUplink } from './create-uplink.ts'
import { type ReadableStore, createSampledStore } from './sampled-store.ts'

/** The record of an uplink, as a store. */
export interface ConnectionRecordStore extends ReadableStore<ConnectionRecord> {
  /** Begins to keep it, if nobody has; listening does so as well. */
  begin(): void
}

let records: WeakMap<AnyUplink, ConnectionRecordStore> | undefined

function createRecordStore({ display, platform, scheduler, on, history, getState, subscribe }: AnyUplink): ConnectionRecordStore {
  let recording: Recording | undefined
  let seen = { step: -1, changes: -1, record: EMPTY_RECORD }
  let changes = 0

  function look(): ConnectionRecord {
    if (recording === undefined) return EMPTY_RECORD
    const now = platform.time()
    const step = Math.ceil(now / RECORD_STEP_MS)
    if (seen.step !== step || seen.changes !== changes) seen = { step, changes, record: recordAt(recording, now) }
    return seen.record
  }

  const store = createSampledStore(platform, RECORD_STEP_MS, EMPTY_RECORD, look, Object.is)

  function changed(): void {
    changes++
    store.hurry(scheduler.request)
  }

  function begin(): void {
    if (recording !== undefined) return
    const made = recording = createRecording()
    noteHistory(made, history.getState(), platform.time())
    noteDisplay(made, display.getState(), display.getState().since)
    noteSocket(made, getState(), platform.time())
    // No way back: what is listened to belongs to the uplink, and goes with it.
    display.subscribe((shown) => {
      noteDisplay(made, shown, platform.time())
      changed()
    })
    subscribe((state) => noteSocket(made, state, platform.time()))
    on('pong', ({ latencyMs }) => {
      noteRoundTrip(made, latencyMs, platform.time())
      changed()
    })
  }

  return {
    begin,
    getState: store.getState,
    getInitialState: store.getInitialState,
    subscribe(listener) {
      begin()
      return store.subscribe(listener)
    },
  }
}

/**
 * The record of an uplink, one for all who ask. It is kept from the first `begin()` or listener on; what happened
 * before is taken from the connection's history, which knows states and no times of round trips.
 *
 * @example
 * const uplink = createUplink({ url })
 * connectionRecord(uplink).begin() // so that a chart opened later shows the whole hour
 */
export function connectionRecord(uplink: AnyUplink): ConnectionRecordStore {
  records ??= new WeakMap()
  const record = records.get(uplink) ?? createRecordStore(uplink)
  records.set(uplink, record)
  return record
}
