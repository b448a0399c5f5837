/** `uplink/testing/msw`: a server that speaks `uplink.v1` behind msw, for Storybook and tests in a page. */
export { createMockServer } from './mock-server.ts'
export type { MockServer } from './mock-server.ts'
export { Rejection, reject } from '../../server/reject.ts'
export type { RejectHow } from '../../server/reject.ts'
export type { Backend, BackendOptions, BackendPublication, Kept, MessageHandler, ReceivedMessage, Sender } from '../backend/options.ts'
