/** `uplink/storage`: what a storage of one's own needs besides `MessageStorage`. */
export { persistence } from './persistence.ts'
