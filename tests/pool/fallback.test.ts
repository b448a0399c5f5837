import { expect, it } from 'vitest'
import { createUplink } from 'uplink'
import { poll } from 'uplink/fallback'
import { pool } from 'uplink/pool'
import { uplink } from 'uplink/protocols/uplink'
import { createFakePlatform } from 'uplink/testing'
import { createCluster } from './cluster.ts'

it('a pool whose servers are all away leaves its channels to a fallback, and goes on after what that brought', async () => {
  const platform = createFakePlatform()
  const cluster = createCluster(platform, 2)
  let asked = 0
  let published = 0
  let top = { epoch: '', offset: 0 }
  const log: Array<{ data: number; offset: number }> = []
  function publish(count: number): void {
    for (let n = 0; n < count; n++) {
      top = cluster.backend.publish('c', ++published)
      log.push({ data: published, offset: top.offset })
    }
  }
  const connection = createUplink({
    servers: pool(cluster.urls), protocol: uplink(), platform, transport: cluster.transport,
    fallback: poll({
      interval: 1_000,
      fetch: (_, { position }) => {
        asked++
        return { position: top, complete: true, messages: log.filter(({ offset }) => offset > (position?.offset ?? 0)) }
      },
    }),
  })
  const heard: unknown[] = []
  const gaps: unknown[] = []
  const lease = connection.channel('c')
  lease.onMessage((data) => heard.push(data))
  lease.onGap((gap) => gaps.push(gap))
  void connection.connect()
  publish(1)
  await platform.clock.advanceAsync(500)
  publish(2)
  await platform.clock.advanceAsync(500)
  expect(heard.at(-1)).toBe(3)
  expect(asked).toBe(0)
  for (const node of cluster.nodes) node.die()
  for (let n = 0; n < 10; n++) {
    publish(1)
    await platform.clock.advanceAsync(1_000)
  }
  expect(asked).toBeGreaterThan(2)
  expect(Number(heard.at(-1))).toBeGreaterThan(10)
  for (const node of cluster.nodes) node.rise()
  for (let n = 0; n < 60; n++) {
    publish(1)
    await platform.clock.advanceAsync(1_000)
  }
  expect(connection.getState().state).toBe('connected')
  const before = asked
  await platform.clock.advanceAsync(10_000)
  expect(asked).toBe(before)
  const first = Number(heard[0])
  expect(heard).toEqual(Array.from({ length: published - first + 1 }, (_, n) => first + n))
  expect(gaps).toEqual([])
  connection.destroy()
  await platform.clock.advanceAsync(60_000)
  cluster.backend.stop()
  expect(platform.clock.pending()).toBe(0)
})
