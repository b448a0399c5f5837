/**
 * One channel: whether its data has to be polled, how that goes, and where its newest data came from. It asks for a
 * turn; when it gets one, and what the socket is granted, others decide.
 *
 *   off ------- the socket is missing, or the channel stale ------> polling
 *   either ---- the channel is live again ------------------------> off, or bridging where the user tells messages apart
 *   bridging -- one more answer, or no time left for it ----------> off
 *
 * While it bridges, what the socket brings waits for the answer that holds what came before.
 */
import { UplinkError, messageOf } from '../core/errors.ts'
import type { Gap } from '../core/position.ts'
import { type ChannelLease, type ChannelSnapshot, type DataSource, IDLE_CHANNEL, type TakenStanding } from '../engine/channel-lease.ts'
import type { ChannelParams, Message } from '../protocol/message.ts'
import type { Answer } from './answer.ts'
import { type Told, createAsking } from './asking.ts'
import type { Feed, FeedHost } from './feed-interface.ts'
import { between, intakeOf, messageFrom } from './intake.ts'
import { createKept } from './kept.ts'
import type { CachedValue } from './options.ts'
import { NOTHING_OWN, type Own, withOwn } from './own.ts'
import { compared, unplaced } from './place.ts'
import { isRecent, pollDelayMs } from './schedule.ts'
import { canTell, createSieve } from './sieve.ts'

/** Messages of the socket that wait for the last answer; more would mean that it takes too long. */
const HELD_MOST = 1_000

/** The socket's messages wait no longer than this for the last answer. */
const BRIDGE_MS = 2_000

/** How long polling goes on beside an open socket on which nobody confirms the channel, where the protocol need not confirm it. */
const UNCONFIRMED_MS = 2_000

/** What made channels wait is over for all of them, and in other pages too: they spread over this time. */
const HURRY_MS = 500

/** Makes the feed of a channel. */
export function createFeed(channel: string, params: ChannelParams | undefined, host: FeedHost): Feed {
  const { options, platform, counters, resumes } = host
  const asking = createAsking(channel, host)
  const kept = options.cache === undefined ? undefined : createKept(options.cache, channel, params, platform, host.report)
  const sieve = !resumes && canTell(options) ? createSieve(options, (thrown) => {
    host.report(new UplinkError('UPLINK_LISTENER_FAILED', `keyOf or positionOf threw: ${messageOf(thrown)}`, { channel, cause: thrown }))
  }) : undefined
  let lease: ChannelLease | undefined
  let mode: 'off' | 'polling' | 'bridging' = 'off'
  let nextAt = Infinity
  let bridgeBy = Infinity
  /** What waits for the last answer, from the message on that was the first sign of the channel. */
  let held: Message[] = []
  let goodAt = -Infinity
  /** Since when the channel is not live; Infinity while it is. */
  let silentSince = Infinity
  /** When the socket last brought something, or the channel became live. */
  let heardAt = -Infinity
  /** Something was heard, and then it was not live: something may have been missed. */
  let hasLapsed = false
  let isTaking = false
  let isShowingKept = false
  /** What is shown came from the cache: a channel that is live does not make it so. */
  let keptMessage: Message | undefined
  let own = NOTHING_OWN
  let shown: { readonly base: ChannelSnapshot; readonly snapshot: ChannelSnapshot } | undefined

  const baseNow = (): ChannelSnapshot => lease?.snapshot() ?? IDLE_CHANNEL
  const isLive = ({ status }: ChannelSnapshot = baseNow()): boolean => status === 'live' || status === 'catchingUp'
  const timeOf = (at: number): number => Math.round(platform.time() - platform.now() + at)

  function show(news: Partial<Own>): void {
    own = { ...own, ...news }
    shown = undefined
    host.onShown(feed)
  }

  function setSource(source: DataSource | null, asOf: number | null): void {
    const before = own
    if (source === before.source && asOf === before.asOf) return
    show({ source, asOf })
    if (source !== before.source) host.onSource({ channel, params, source: source ?? 'live' })
  }

  /** Nobody can bring data now: what there is, is kept. */
  function keep(): void {
    if (own.source !== 'cache' && lease?.latest() !== undefined) setSource('cache', own.asOf ?? baseNow().asOf ?? timeOf(heardAt))
  }

  function tellGap(gap: Gap): void {
    show({ gap, recovered: false })
    host.onGap(feed, gap)
  }

  function take(standings: readonly TakenStanding[]): void {
    isTaking = true
    try {
      for (const standing of standings) lease?.take(standing)
    } finally {
      isTaking = false
    }
  }

  /** When it is to be polled; Infinity where it need not be. */
  function dueAt(): number {
    const { status } = baseNow()
    if (status === 'idle' || status === 'refused') return Infinity
    if (isLive()) return options.staleAfter === Infinity ? Infinity : heardAt + options.staleAfter
    const openSince = host.openSince()
    if (openSince === Infinity) return host.dueAt()
    if (resumes) return silentSince + options.fallbackAfter
    // A server that confirms nothing may be serving the channel all the same.
    return mode === 'polling' && platform.now() < openSince + UNCONFIRMED_MS ? -Infinity : Infinity
  }

  function review(): void {
    const now = platform.now()
    if (!isLive()) {
      if (silentSince === Infinity) silentSince = now
      hasLapsed ||= sieve?.hasHeard() === true
    } else if (silentSince !== Infinity) {
      silentSince = Infinity
      heardAt = now
    }
    if (mode === 'bridging' && (!isLive() || now >= bridgeBy)) endBridge(false)
    if (mode === 'off' && dueAt() <= now) begin(now)
    else if (mode === 'polling' && dueAt() > now) end(now)
    else if (mode === 'off' && isLive() && hasLapsed) end(now)
    else if (mode === 'off' && own.source !== null) rest()
    host.rearm()
  }

  function begin(now: number): void {
    mode = 'polling'
    counters.polling++
    nextAt = now
    goodAt = -Infinity
    asking.forget()
    if (own.recovered !== null) show({ gap: null, recovered: null })
  }

  function halt(): void {
    if (mode === 'polling') counters.polling--
    mode = 'off'
    nextAt = Infinity
    asking.cancel()
  }

  /** Not polled, not bridged: live again, or resting with what there is. */
  function rest(): void {
    if (!isLive()) return keep()
    if (keptMessage !== undefined && lease?.latest() === keptMessage) return
    hasLapsed = false
    setSource(null, null)
  }

  function end(now: number): void {
    halt()
    if (!hasLapsed || !isLive()) return rest()
    mode = 'bridging'
    nextAt = now
    bridgeBy = now + BRIDGE_MS
  }

  function endBridge(isWhole: boolean): void {
    halt()
    const messages = held
    held = []
    const gap = isWhole || sieve === undefined ? null : between(sieve, messages[0], 'unbridged')
    if (gap !== null) tellGap(gap)
    else if (own.gap === null) show({ recovered: true })
    rest()
    const fresh = messages.filter((message) => sieve?.isNewLive(message) ?? true)
    counters.repeats += messages.length - fresh.length
    if (lease !== undefined) take((sieve === undefined ? unplaced : compared)(lease.position(), fresh))
  }

  function bring(answer: Answer): number {
    if (lease === undefined) return 0
    const { standings, gap, repeats } = intakeOf(lease, answer, options.type, resumes, sieve)
    const count = standings.reduce((sum, { messages }) => sum + messages.length, 0)
    counters.repeats += repeats
    counters.messages += count
    if (gap !== null) tellGap(gap)
    take(standings)
    return count
  }

  function heard(data: unknown): void {
    if (isShowingKept) return
    kept?.note(data)
    if (isTaking) return
    heardAt = platform.now()
    if (mode === 'polling' || own.source === 'cache') review()
  }

  /** What was kept is older than anything that has come since it was asked for. */
  function showKept({ data, at }: CachedValue): void {
    if (lease === undefined || lease.latest() !== undefined) return
    setSource('cache', at)
    isShowingKept = true
    take(unplaced(lease.position(), [messageFrom({ data, timestamp: at }, channel, options.type)]))
    isShowingKept = false
    keptMessage = lease.latest()
  }

  function told({ answer, error, retryAfterMs, latencyMs }: Told): void {
    const now = platform.now()
    const wasBridging = mode === 'bridging'
    nextAt = wasBridging ? Infinity : now + pollDelayMs(options, { ...host.circumstances(), failures: asking.failures(), retryAfterMs })
    let messages = 0
    if (answer !== null) {
      goodAt = now
      // As of when it was asked for: the answer may have been on its way for all of that time.
      if (!wasBridging) setSource('fallback', timeOf(now - latencyMs))
      messages = bring(answer)
      host.onGood(latencyMs)
    } else if (!wasBridging && !isRecent(options, now - goodAt, host.circumstances().isHidden)) keep()
    host.onPoll({ channel, params, messages, latencyMs, error })
    if (wasBridging && mode === 'bridging') endBridge(answer !== null)
    host.rearm()
  }

  const feed: Feed = {
    channel,
    params,
    attach(next) {
      lease = next
      silentSince = platform.now()
      let known = next.snapshot().gap
      next.onStatus(({ gap }) => {
        // A newer loss, of the socket's own, is not hidden by what the last outage cost.
        const isNewer = gap !== null && gap !== known
        known = gap
        show(isNewer ? { gap: null, recovered: null } : {})
        review()
      })
      if (options.staleAfter !== Infinity || kept !== undefined) next.onMessage(heard)
      kept?.ask(showKept)
      review()
    },
    detach() {
      halt()
      kept?.flush()
      held = []
      own = { ...own, source: null, asOf: null }
      shown = undefined
      hasLapsed = false
      lease = undefined
    },
    snapshot() {
      const base = baseNow()
      if (shown?.base === base) return shown.snapshot
      shown = { base, snapshot: withOwn(base, own) }
      return shown.snapshot
    },
    isDelayed: () => own.source === 'fallback',
    admits(message) {
      if (sieve === undefined || lease === undefined) return true
      if (mode === 'bridging') {
        held.push(message)
        if (held.length >= HELD_MOST) endBridge(false)
        return false
      }
      if (hasLapsed && held.length < HELD_MOST && baseNow().status === 'subscribing') {
        held.push(message)
        return 'confirms'
      }
      const isNew = sieve.isNewLive(message)
      if (!isNew) counters.repeats++
      return isNew
    },
    review,
    reviewAt() {
      if (mode === 'off') return dueAt()
      if (mode === 'bridging') return bridgeBy
      return resumes || isLive() || host.openSince() === Infinity ? Infinity : host.openSince() + UNCONFIRMED_MS
    },
    turnAt: () => (mode === 'off' || asking.isUnderWay() ? Infinity : nextAt),
    flush: () => kept?.flush(),
    poll() {
      if (lease === undefined) return
      const { epoch, offset } = lease.position()
      asking.ask({ params, position: epoch === null ? null : { epoch, offset }, since: sieve?.since() ?? null }, told)
    },
    hurry() {
      if (mode === 'polling') nextAt = Math.min(nextAt, platform.now() + platform.random() * Math.min(HURRY_MS, options.interval / 10))
      host.rearm()
    },
  }
  return feed
}
