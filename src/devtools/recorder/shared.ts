/** One recorder for each connection, however many monitors look at it. */
import type { AnyUplink } from '../../store/create-uplink.ts'
import { type Recorder, type RecorderOptions, createRecorder } from './recorder.ts'

interface Shared {
  readonly recorder: Recorder
  users: number
}

const recorders = new WeakMap<AnyUplink, Shared>()

/** Claims the recorder of a connection; the first who claims it decides its options. The last who gives it back ends it. */
export function acquireRecorder(uplink: AnyUplink, options: RecorderOptions): () => void {
  const shared = recorders.get(uplink) ?? { recorder: createRecorder(uplink, options), users: 0 }
  recorders.set(uplink, shared)
  shared.users++
  let held = true
  return () => {
    if (!held) return
    held = false
    if (--shared.users > 0) return
    recorders.delete(uplink)
    shared.recorder.destroy()
  }
}

/** The recorder of a connection, while somebody has a claim on it. */
export function recorderOf(uplink: AnyUplink): Recorder | null {
  return recorders.get(uplink)?.recorder ?? null
}
