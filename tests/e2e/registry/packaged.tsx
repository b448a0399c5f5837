/** The same host with the components of the package. */
import { ConnectionIndicator, ConnectionStatus, ConnectionStatusCard } from 'uplink'
import 'uplink/styles.css'
import { show } from './show'

show({ ConnectionIndicator, ConnectionStatus, ConnectionStatusCard })
