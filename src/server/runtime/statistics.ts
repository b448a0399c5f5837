/** What a node says of itself. */
import type { Hub } from '../hub.ts'
import type { HealthKeeper } from './health.ts'
import type { Outbound } from './outbound.ts'
import type { ClientStats, Counters, ServerStats } from './stats.ts'

/** What statistics are made of. */
export interface StatisticsSource {
  readonly hub: Hub
  readonly outbound: Outbound
  readonly counters: Counters
  readonly broker: ServerStats['broker']
  readonly lags: HealthKeeper['lags']
}

function clientsOf({ hub, outbound }: StatisticsSource): ClientStats {
  const byDoor: Record<string, number> = {}
  const channelDistribution: Record<string, number> = {}
  let authenticatedClients = 0
  for (const { door } of outbound.clients.values()) byDoor[door.name] = (byDoor[door.name] ?? 0) + 1
  for (const { user, subscriptions } of hub.sessions.values()) {
    if (user.identity !== null) authenticatedClients++
    for (const { request, state } of subscriptions.values()) {
      if (state === 'live') channelDistribution[request.channel] = (channelDistribution[request.channel] ?? 0) + 1
    }
  }
  const totalClients = hub.sessions.size
  return { totalClients, authenticatedClients, anonymousClients: totalClients - authenticatedClients, byDoor, channelDistribution }
}

/** Looks at everything once; it costs a walk over all connections. */
export function statsOf(source: StatisticsSource): ServerStats {
  const { hub, outbound, counters, broker, lags } = source
  const channelStats = Object.fromEntries(hub.followers())
  return {
    connectedClients: outbound.clients.size, totalChannels: Object.keys(channelStats).length, channelStats,
    clients: clientsOf(source), broker, counters: structuredClone(counters), sent: { ...outbound.sent },
    // The last bound is Infinity, which JSON cannot hold: its bucket is told by its place.
    lags: { boundsMs: lags.bounds.slice(0, -1), counts: [...lags.counts], sumMs: lags.sumMs },
  }
}
