/** `uplink/devtools/faults`: a transport that can be broken on purpose. No React. */
export { faults } from './faults.ts'
export type { FaultController, FaultCounts, FaultOptions, FaultyTransport } from './faults.ts'
export { NO_FAULTS } from './state.ts'
export type { Faults } from './state.ts'
