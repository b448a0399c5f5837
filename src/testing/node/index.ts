/** `uplink/testing/node`: test helpers that need Node. */
export { startFaultProxy } from './fault-proxy.ts'
export type { Admission, FaultProxy, FaultProxyOptions } from './fault-proxy.ts'
