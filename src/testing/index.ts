/** `uplink/testing`: what our own tests use. No React, no Node. */
export { createVirtualClock } from './clock.ts'
export type { VirtualClock } from './clock.ts'
export { seededRandom } from './random.ts'
export { createFakePlatform } from './platform.ts'
export type { FakePlatform, FakePlatformOptions } from './platform.ts'
export { scriptedTransport } from './scripted-transport.ts'
export type { ScriptOptions, ScriptedSocket, ScriptedTransport } from './scripted-transport.ts'
