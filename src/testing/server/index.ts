/** `uplink/testing/server`: a server that speaks `uplink.v1` over real sockets. Node, and the package `ws`. */
export { createTestServer } from './server.ts'
export { Rejection, reject } from './reject.ts'
export type { RejectHow } from './reject.ts'
export type { Kept, MessageHandler, ReceivedMessage, Sender, TestPublication, TestServer, TestServerOptions } from './options.ts'
