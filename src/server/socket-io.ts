/** `uplink/server/socket-io`: the door for Socket.IO clients. Needs the package `socket.io`. */
export { socketIoDoor } from './doors/socket-io.ts'
export type { SocketIoDoorOptions } from './doors/socket-io.ts'
