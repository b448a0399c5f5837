/** `uplink/devtools`: the monitor. What breaks the link is in `uplink/devtools/faults`. */
export { ConnectionMonitor } from './connection-monitor.tsx'
export type { ConnectionMonitorProps, MonitorTab } from './connection-monitor.tsx'
export type { RecorderOptions } from './recorder/recorder.ts'
export type { Decode } from './model/entry.ts'
export type { MonitorPosition } from './ui/floating.tsx'
export type { MonitorTheme } from './ui/theme.ts'
export type { FaultController, FaultCounts } from './faults/faults.ts'
export type { Faults } from './faults/state.ts'
