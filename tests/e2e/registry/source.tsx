/** A host that has the components as source. */
import { ConnectionIndicator } from '@/components/uplink/connection-indicator/connection-indicator'
import { ConnectionStatusCard } from '@/components/uplink/connection-status-card/connection-status-card'
import { ConnectionStatus } from '@/components/uplink/connection-status/connection-status'
import './index.css'
import { show } from './show'

show({ ConnectionIndicator, ConnectionStatus, ConnectionStatusCard })
