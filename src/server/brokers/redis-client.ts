/**
 * What the Redis broker needs of a Redis client, and the adapters for `redis` and `ioredis`. The client that is
 * given is only a pattern: the broker speaks over connections of its own, made like it, which neither reconnect
 * nor queue, so that nothing is ever replayed behind the broker's back.
 */

/** What a connection tells. */
export interface RedisEvents {
  /** It is gone, for good. Told once at most, and not after `close`. */
  ended(reason: string): void
  /** Something was published on a channel that is subscribed. */
  heard(channel: string, text: string): void
}

/** One life of a connection to Redis: one socket for commands, and one for what is published. */
export interface RedisConnection {
  /** Resolves when it can be used; rejects with an `Error` when it never will. */
  readonly ready: Promise<void>
  /** Sends a command. `key` says which node of a cluster it is for; `null`: any. Rejects when the connection ends before the reply. */
  send(key: string | null, command: readonly string[]): Promise<unknown>
  /** Resolves when Redis has confirmed all of them. */
  subscribe(channels: readonly string[]): Promise<void>
  unsubscribe(channels: readonly string[]): Promise<void>
  /** Ends it at once; what waits for a reply rejects. Works in every state, and twice. */
  close(): void
}

/** A Redis that the broker can connect to; made by {@link fromNodeRedis} or {@link fromIoredis}. */
export interface RedisLike {
  readonly name: string
  /** Begins a connection. Never throws. */
  connect(events: RedisEvents): RedisConnection
}

/** A client or cluster of the package `redis`, 5 or newer. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  on(event: string, listener: () => void): unknown
}

/** A `Redis` or `Cluster` of the package `ioredis`, 5 or newer. */
export interface IoredisClient {
  readonly status: string
  readonly isCluster: boolean
  on(event: string, listener: () => void): unknown
}

interface NodeRedis {
  readonly isReady: boolean
  readonly options?: { readonly socket?: object }
  duplicate(overrides: object): NodeRedis
  connect(): Promise<unknown>
  on(event: string, listener: (value: unknown) => void): unknown
  sendCommand(command: readonly string[]): Promise<unknown>
  subscribe(channels: readonly string[], listener: (text: string, channel: string) => void): Promise<unknown>
  unsubscribe(channels: readonly string[]): Promise<unknown>
  destroy(): void
}

interface NodeRedisCluster {
  readonly masters: readonly object[]
  readonly _options?: { readonly defaults?: { readonly socket?: object } }
  duplicate(overrides: object): NodeRedisCluster
  connect(): Promise<unknown>
  on(event: string, listener: (value: unknown) => void): unknown
  sendCommand(key: string | undefined, isReadonly: boolean, command: readonly string[]): Promise<unknown>
  nodeClient(node: object): Promise<NodeRedis>
  destroy(): void
}

interface Ioredis {
  readonly options: object
  duplicate(overrides: object): Ioredis
  connect(): Promise<unknown>
  on(event: 'end', listener: () => void): unknown
  on(event: 'error', listener: (value: unknown) => void): unknown
  on(event: 'message', listener: (channel: string, text: string) => void): unknown
  call(...command: readonly string[]): Promise<unknown>
  subscribe(...channels: readonly string[]): Promise<unknown>
  unsubscribe(...channels: readonly string[]): Promise<unknown>
  disconnect(): void
}

interface IoredisCluster extends Omit<Ioredis, 'options' | 'duplicate'> {
  readonly options: { readonly redisOptions?: object }
  duplicate(startupNodes: readonly never[], overrides: object): IoredisCluster
  nodes(role: 'master'): readonly Ioredis[]
}

const noop = (): void => undefined
const reasonOf = (thrown: unknown): string => (thrown instanceof Error && thrown.message !== '' ? thrown.message : String(thrown))

/** Tells of the end of either socket once, and of none that was wished for. */
function ending(events: RedisEvents): { isOver(): boolean; end(reason: unknown): void; close(): void } {
  let isOver = false
  return {
    isOver: () => isOver,
    end(reason) {
      if (isOver) return
      isOver = true
      events.ended(reasonOf(reason))
    },
    close() {
      isOver = true
    },
  }
}

/** `ready` may be awaited late: until then its rejection is nobody's fault. */
function heeded(ready: Promise<void>): Promise<void> {
  ready.catch(noop)
  return ready
}

function pickFrom<Node>(nodes: readonly Node[]): Node {
  const node = nodes[Math.floor(Math.random() * nodes.length)]
  if (node === undefined) throw new Error('the cluster has no master')
  return node
}

const onceOnly = (socket: object | undefined): object => ({ ...socket, reconnectStrategy: false })
/** One life, raw strings, and names as they are given. */
const NODE_REDIS_PLAIN = { disableOfflineQueue: true, commandsQueueMaxLength: undefined, keyPrefix: undefined, commandOptions: undefined, clientSideCache: undefined }

/**
 * A client or cluster of the package `redis` for {@link redisBroker}. Only its options are used: it need not be
 * connected, and is never closed. It gets an `error` listener, because without one a Redis that goes away ends
 * the process.
 *
 * @example
 * redisBroker({ client: fromNodeRedis(createClient({ url: 'redis://localhost:6379' })) })
 */
export function fromNodeRedis(client: NodeRedisClient): RedisLike {
  client.on('error', noop)
  const isCluster = 'masters' in client
  return {
    name: isCluster ? 'redis (cluster)' : 'redis',
    connect(events) {
      const life = ending(events)
      const open: Array<{ destroy(): void }> = []

      /** Connects a socket, unless all was closed meanwhile: nobody would close this one. */
      async function start<Client extends NodeRedis | NodeRedisCluster>(made: Client): Promise<Client> {
        if (life.isOver()) throw new Error('it was closed')
        made.on('error', (thrown) => {
          // A cluster repairs its connections itself, and tells of each.
          if ('isReady' in made && !('masters' in made) && !made.isReady) life.end(thrown)
        })
        for (const event of ['end', 'terminated']) made.on(event, (thrown) => life.end(thrown ?? 'the connection ended'))
        open.push(made)
        await made.connect()
        return made
      }

      let commands: (key: string | null, command: readonly string[]) => Promise<unknown>
      let subscriber: NodeRedis
      async function begin(): Promise<void> {
        if (isCluster) {
          const pattern = client as unknown as NodeRedisCluster
          const cluster = await start(pattern.duplicate({ ...NODE_REDIS_PLAIN, defaults: { ...pattern._options?.defaults, ...NODE_REDIS_PLAIN } }))
          commands = (key, command) => cluster.sendCommand(key ?? undefined, false, command)
          // What is published on one node of a cluster is heard on all.
          const node = await cluster.nodeClient(pickFrom(cluster.masters))
          subscriber = await start(node.duplicate({ ...NODE_REDIS_PLAIN, socket: onceOnly(node.options?.socket) }))
          return
        }
        const pattern = client as unknown as NodeRedis
        const overrides = { ...NODE_REDIS_PLAIN, socket: onceOnly(pattern.options?.socket) }
        const [first, second] = await Promise.all([start(pattern.duplicate(overrides)), start(pattern.duplicate(overrides))])
        commands = (_, command) => first.sendCommand(command)
        subscriber = second
      }

      const hear = (text: string, channel: string): void => events.heard(channel, text)
      return {
        ready: heeded(begin()),
        send: (key, command) => commands(key, command),
        subscribe: async (channels) => void await subscriber.subscribe(channels, hear),
        unsubscribe: async (channels) => void await subscriber.unsubscribe(channels),
        close() {
          life.close()
          for (const one of open) one.destroy()
        },
      }
    },
  }
}

/** One life, names as they are given, and nothing sent a second time. */
const IOREDIS_PLAIN = {
  lazyConnect: true, enableOfflineQueue: false, retryStrategy: () => null, reconnectOnError: null, autoResubscribe: false,
  autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0, keyPrefix: '', enableAutoPipelining: false, stringNumbers: false,
}

/**
 * A `Redis` or `Cluster` of the package `ioredis` for {@link redisBroker}. Only its options are used: it need not
 * be connected (`lazyConnect: true`), and is never closed. It gets an `error` listener, so that a Redis that goes
 * away is not written to the console.
 *
 * @example
 * redisBroker({ client: fromIoredis(new Redis('redis://localhost:6379', { lazyConnect: true })) })
 */
export function fromIoredis(client: IoredisClient): RedisLike {
  client.on('error', noop)
  const { isCluster } = client
  return {
    name: isCluster ? 'ioredis (cluster)' : 'ioredis',
    connect(events) {
      const life = ending(events)
      const open: Array<{ disconnect(): void }> = []

      async function start<Client extends Ioredis | IoredisCluster>(made: Client): Promise<Client> {
        if (life.isOver()) throw new Error('it was closed')
        let failure: unknown
        made.on('error', (thrown) => {
          failure = thrown
        })
        made.on('end', () => life.end(failure ?? 'the connection ended'))
        open.push(made)
        await made.connect().catch((thrown: unknown) => {
          // `connect` says only that it is closed; why, the event before it has said.
          throw failure ?? thrown
        })
        return made
      }

      let commands: Ioredis | IoredisCluster
      let subscriber: Ioredis
      async function begin(): Promise<void> {
        if (isCluster) {
          const pattern = client as unknown as IoredisCluster
          const { redisOptions } = pattern.options
          const cluster = await start(pattern.duplicate([], {
            lazyConnect: true, clusterRetryStrategy: () => null, keyPrefix: '', enableAutoPipelining: false,
            redisOptions: { ...redisOptions, keyPrefix: '', autoResendUnfulfilledCommands: false },
          }))
          commands = cluster
          // What is published on one node of a cluster is heard on all.
          subscriber = await start(pickFrom(cluster.nodes('master')).duplicate(IOREDIS_PLAIN))
        } else {
          const pattern = client as unknown as Ioredis
          const [first, second] = await Promise.all([start(pattern.duplicate(IOREDIS_PLAIN)), start(pattern.duplicate(IOREDIS_PLAIN))])
          commands = first
          subscriber = second
        }
        subscriber.on('message', (channel, text) => events.heard(channel, text))
      }

      return {
        ready: heeded(begin()),
        send: (_, command) => commands.call(...command),
        subscribe: async (channels) => void await subscriber.subscribe(...channels),
        unsubscribe: async (channels) => void await subscriber.unsubscribe(...channels),
        close() {
          life.close()
          for (const one of open) one.disconnect()
        },
      }
    },
  }
}
