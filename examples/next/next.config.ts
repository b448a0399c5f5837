import type { NextConfig } from 'next'

// Nothing to set: uplink's client modules say so themselves, so no transpiling and no list of packages is needed.
const config: NextConfig = {
  poweredByHeader: false,
}

export default config
