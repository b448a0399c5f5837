/** `uplink/testing/server`: a server that speaks `uplink.v1` over real sockets. Node, and the package `ws`. */
export { createTestServer } from './server.ts'
export type { TestServer, TestServerOptions } from './server.ts'
export { Rejection, reject } from '../../server/reject.ts'
export type { RejectHow } from '../../server/reject.ts'
export type { Backend, BackendOptions, BackendPublication, Kept, MessageHandler, ReceivedMessage, Sender } from '../backend/options.ts'
