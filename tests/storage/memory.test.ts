import { memory } from 'uplink/storage/memory'
import { storageContract } from './contract.ts'

storageContract('memory()', { make: () => memory(), believedMs: 0 })
