/** Which definition a channel belongs to, and who may do what with it. */
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type ChannelOptions, channel } from '../../../src/server/access/channel.ts'
import { type Channels, type Decision, createChannels } from '../../../src/server/access/channels.ts'
import { allOf, anyOf, authenticated, everyone, nobody, role, rule, self } from '../../../src/server/access/rules.ts'
import type { User } from '../../../src/server/user.ts'

const ann: User = { identity: 'ann', roles: ['user'] }
const admin: User = { identity: 'boss', roles: ['admin'] }
const somebody: User = { identity: null, roles: [] }

const symbol = (params: Readonly<Record<string, unknown>>): string | null =>
  params['symbol'] === 'BTC' || params['symbol'] === 'ETH' ? params['symbol'] : null

const permitted = (channels: Channels, user: User, name: string, params?: Readonly<Record<string, unknown>>): Decision =>
  channels.permit(user, 'subscribe', name, params) as Decision

describe('finding a channel', () => {
  it('takes exact names before patterns, and the pattern defined first', () => {
    const first = channel('user_{id}')
    const second = channel('user_{id:word}')
    const exact = channel('user_list')
    const channels = createChannels([first, second, exact])
    expect(channels.find('user_list')).toEqual({ definition: exact, params: {} })
    expect(channels.find('user_a')).toEqual({ definition: first, params: { id: 'a' } })
    expect(channels.find('nothing')).toBeNull()
    expect(channels.find('')).toBeNull()
    expect(channels.find(undefined as unknown as string)).toBeNull()
  })

  it.each([['news', 'news'], ['user_{id}', 'user_{id}'], ['user_{id}', 'user_{name:text}']])('refuses %s beside %s', (one, other) => {
    expect(() => createChannels([channel(one), channel(other)])).toThrow(/define it once/)
  })
})

describe('defining a channel', () => {
  it.each<[name: string, options: object]>([
    ['subscribe', { subscribe: true }],
    ['history', { history: null }],
    ['slow', { slow: 'fast' }],
    ['throttleMs', { throttleMs: -1 }],
    ['throttleMs', { throttleMs: Infinity }],
    ['keep', { keep: { count: Number.NaN } }],
    ['stream', { stream: 'BTC' }],
    ['snapshot', { snapshot: {} }],
  ])('refuses a wrong %s', (name, options) => {
    expect(() => channel('news', options as ChannelOptions)).toThrow(new RegExp(`channel "news": ${name} must be`))
  })

  it('carries its settings along', () => {
    const snapshot = (): object => ({ price: 1 })
    const options = { keep: { count: 5 }, throttleMs: 100, slow: 'conflate', snapshot } as const
    expect(channel('news', options)).toMatchObject(options)
    expect(channel('news').slow).toBe('resume')
  })

  it('knows the parameters in rules and snapshots', () => {
    channel('user_{userId}_trades', {
      subscribe: rule('mine', (user, params) => {
        expectTypeOf(params).toEqualTypeOf<{ readonly userId: string }>()
        return user.identity === params.userId
      }),
      publish: anyOf(self('userId'), role('admin')),
      history: allOf(authenticated, anyOf(everyone, self('userId'))),
      snapshot: ({ params }) => expectTypeOf(params.userId).toEqualTypeOf<string>(),
    })
    channel('{a:word}.{b:word}', { subscribe: anyOf(self('a'), self('b')) })
    expectTypeOf(self('userId')).not.toExtend<NonNullable<ChannelOptions<{ readonly id: string }>['subscribe']>>()
    expectTypeOf(self('userId')).not.toExtend<NonNullable<ChannelOptions<object>['subscribe']>>()
  })
})

describe('permission', () => {
  it('denies what is not defined', () => {
    expect(permitted(createChannels([]), admin, 'news')).toEqual({ allowed: false, code: 'unknown_channel', message: 'there is no channel "news"' })
    const long = permitted(createChannels([]), admin, 'x'.repeat(60_000))
    expect(JSON.stringify(long).length).toBeLessThan(400)
  })

  it('is given to nobody where no rule is', () => {
    const channels = createChannels([channel('news')])
    for (const right of ['subscribe', 'publish', 'history'] as const) {
      expect(channels.permit(admin, right, 'news')).toEqual({ allowed: false, code: 'not_authorized', message: `${right} on channel "news" is not allowed by the rule nobody` })
    }
  })

  it('to read the history is that to subscribe where nothing else is said', () => {
    const channels = createChannels([channel('news', { subscribe: everyone }), channel('chat', { subscribe: everyone, history: authenticated })])
    expect(channels.permit(somebody, 'history', 'news')).toMatchObject({ allowed: true })
    expect(channels.permit(somebody, 'publish', 'news')).toMatchObject({ allowed: false })
    expect(channels.permit(somebody, 'history', 'chat')).toMatchObject({ allowed: false })
    expect(channels.permit(somebody, 'subscribe', 'chat')).toMatchObject({ allowed: true })
  })

  it('never lets one user into the channel of another whose name begins alike', () => {
    const channels = createChannels([channel('user_{userId}_trades', { subscribe: self('userId') })])
    expect(permitted(channels, { identity: '1', roles: [] }, 'user_1_trades').allowed).toBe(true)
    expect(permitted(channels, { identity: '1', roles: [] }, 'user_1_2_trades').allowed).toBe(false)
    expect(permitted(channels, { identity: '1_2', roles: [] }, 'user_1_2_trades').allowed).toBe(true)
    expect(permitted(channels, somebody, 'user_null_trades').allowed).toBe(false)
  })

  it('waits for a rule that waits', async () => {
    const definition = channel('news', { subscribe: rule('later', async ({ identity }) => identity === 'ann') })
    const channels = createChannels([definition])
    const decision = channels.permit(ann, 'subscribe', 'news')
    expect(decision).toBeInstanceOf(Promise)
    expect(await decision).toEqual({ allowed: true, stream: 'news', definition })
    expect(await channels.permit(admin, 'subscribe', 'news')).toMatchObject({ allowed: false, code: 'not_authorized' })
  })

  it('is denied by a rule that fails, and the client is not told what was thrown', async () => {
    const cause = new Error('password=hunter2')
    const channels = createChannels([channel('a', { subscribe: rule('db', () => { throw cause }) }), channel('b', { subscribe: rule('db', async () => { throw cause }) })])
    for (const name of ['a', 'b']) {
      expect(await channels.permit(ann, 'subscribe', name)).toEqual({
        allowed: false, code: 'not_authorized', message: `subscribe on channel "${name}" is not allowed: the rule db failed`, cause,
      })
    }
  })
})

describe('the streams of a channel', () => {
  const channels = createChannels([
    channel('news', { subscribe: everyone }),
    channel('prices', { subscribe: everyone, stream: symbol }),
    channel('private', { subscribe: nobody, stream: () => { throw new Error('never asked') } }),
    channel('broken', { subscribe: everyone, stream: () => { throw new Error('broken') } }),
  ])

  it('are named by the params of a subscription', () => {
    expect(permitted(channels, ann, 'prices', { symbol: 'BTC' })).toMatchObject({ allowed: true, stream: 'prices?BTC' })
    expect(permitted(channels, ann, 'prices')).toMatchObject({ allowed: true, stream: 'prices' })
    expect(permitted(channels, ann, 'news', {})).toMatchObject({ allowed: true, stream: 'news' })
  })

  it('are refused where the params name none', () => {
    const refused = { allowed: false, code: 'bad_params' }
    expect(permitted(channels, ann, 'prices', { symbol: 'XRP' })).toEqual({ ...refused, message: 'channel "prices" does not take these params' })
    expect(permitted(channels, ann, 'news', { symbol: 'BTC' })).toEqual({ ...refused, message: 'channel "news" takes no params' })
    expect(permitted(channels, ann, 'broken', { symbol: 'BTC' })).toMatchObject({ ...refused, message: 'channel "broken" could not read these params' })
    expect(permitted(channels, ann, 'private', { symbol: 'BTC' })).toMatchObject({ code: 'not_authorized' })
    for (const odd of ['', 7, {}, 'x'.repeat(257), 'a\nb', '\ud800', Promise.resolve('BTC')]) {
      expect(permitted(createChannels([channel('odd', { subscribe: everyone, stream: () => odd as string })]), ann, 'odd', { a: 1 })).toMatchObject(refused)
    }
  })

  it('cannot be reached by the name of another channel', () => {
    const both = createChannels([channel('feed_secret', { subscribe: nobody, stream: symbol }), channel('feed_{name}', { subscribe: everyone })])
    expect(permitted(both, ann, 'feed_secret?BTC')).toMatchObject({ allowed: false, code: 'unknown_channel' })
  })
})

describe('an explanation', () => {
  const channels = createChannels([channel('user_{userId}_notes', {
    subscribe: anyOf(self('userId'), role('admin')),
    publish: rule('quota', async () => { throw new Error('no database') }),
  })])

  it('says of each right which rule decided, and about whom', async () => {
    expect(await channels.explain(ann, 'user_bob_notes')).toEqual({
      channel: 'user_bob_notes', pattern: 'user_{userId}_notes', params: { userId: 'bob' },
      rights: {
        subscribe: { allowed: false, rule: 'anyOf(self(userId), role(admin))', why: 'anyOf(self(userId), role(admin)) does not allow user "ann" with the roles user' },
        publish: { allowed: false, rule: 'quota', why: 'quota failed, and so denies: no database' },
        history: { allowed: false, rule: 'anyOf(self(userId), role(admin))', why: 'anyOf(self(userId), role(admin)) does not allow user "ann" with the roles user' },
      },
    })
    expect((await channels.explain(admin, 'user_bob_notes')).rights.subscribe).toMatchObject({ allowed: true, why: expect.stringContaining(' allows user "boss"') as string })
    expect((await channels.explain(somebody, 'user_bob_notes')).rights.subscribe.why).toContain('somebody without a name with no roles')
  })

  it('says that a channel is not defined', async () => {
    const unknown = await channels.explain(ann, 'nothing')
    expect(unknown).toMatchObject({ channel: 'nothing', pattern: null, params: {} })
    expect(unknown.rights.subscribe).toEqual({ allowed: false, rule: null, why: 'no definition matches this channel, and what is not defined is denied' })
  })

  it('agrees with permission', async () => {
    for (const user of [ann, admin, somebody]) {
      for (const name of ['user_ann_notes', 'user_bob_notes', 'nothing']) {
        const { rights } = await channels.explain(user, name)
        for (const right of ['subscribe', 'publish', 'history'] as const) {
          expect(rights[right].allowed).toBe((await channels.permit(user, right, name)).allowed)
        }
      }
    }
  })
})
