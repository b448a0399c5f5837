/** Whether a server's options are what they may be: a wrong one is named where it is given, not where it first hurts. */
import { UplinkError } from '../../core/errors.ts'
import { RESERVED_TYPES } from '../../protocol/uplink-v1.ts'
import type { UplinkServerOptions } from './options.ts'

type Fields = Readonly<Record<string, unknown>>

const NAMES: Readonly<Record<string, readonly string[]>> = {
  options: ['doors', 'authenticate', 'channels', 'handlers', 'origins', 'broker', 'limits', 'history', 'recovery', 'pingIntervalMs', 'idleTimeoutMs', 'verifyIntervalMs', 'sharedLimiter', 'logger', 'clock'],
  limits: ['maxFrame', 'maxChannels', 'resultsTtlMs', 'resultsMost', 'rates', 'guests', 'budgetBytes', 'helloTimeoutMs', 'handlerTimeoutMs', 'expiry'],
  'limits.rates': ['commands', 'messages', 'replays', 'refusals', 'banMs'],
  'limits.guests': ['connectionsPerUser', 'connectionsPerAddress', 'handshakes'],
  history: ['count', 'size', 'ageMs'],
  recovery: ['count', 'size'],
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const isFunction = (value: unknown): boolean => typeof value === 'function'

function need(isRight: boolean, option: string, allowed: string): void {
  if (!isRight) throw new UplinkError('UPLINK_OPTION_INVALID', `createUplinkServer: ${option} must be ${allowed}`)
}

function names(path: string, value: unknown): void {
  if (value === undefined) return
  need(isObject(value), path, 'an object')
  const known = NAMES[path] ?? []
  const unknown = Object.keys(value as Fields).filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new UplinkError('UPLINK_OPTION_INVALID', `createUplinkServer: ${path} knows no ${unknown.join(', ')}; it knows ${known.join(', ')}`)
}

const isRate = (value: unknown): boolean => value === undefined || (isObject(value) && typeof value['max'] === 'number' && typeof value['windowMs'] === 'number' && value['max'] > 0 && value['windowMs'] > 0)

/** Checks everything but numbers, which `resolveLimits` fills in and checks. Throws `UPLINK_OPTION_INVALID`. */
export function checkOptions(options: UplinkServerOptions): void {
  names('options', options ?? null)
  const { doors, authenticate, channels, handlers = {}, broker, limits, history, recovery, sharedLimiter, logger, clock, pingIntervalMs = 1, idleTimeoutMs = 1, verifyIntervalMs = 1 } = options as unknown as Fields
  need(Array.isArray(doors) && doors.every((door) => isObject(door) && isFunction(door['open']) && isFunction(door['encode'])), 'doors', 'a list of doors such as wsDoor({ server })')
  need(isFunction(authenticate), 'authenticate', "a function such as jwt({ … }); 'anonymous()' lets in everybody")
  need(Array.isArray(channels) && channels.every((one) => isObject(one) && isObject(one['pattern'])), 'channels', "a list of channels such as channel('news', { subscribe: everyone })")
  need(isObject(handlers), 'handlers', 'functions by type')
  for (const [type, handler] of Object.entries(handlers as Fields)) {
    need(isFunction(handler), `handlers.${type}`, 'a function')
    need(!RESERVED_TYPES.has(type), `handlers.${type}`, 'of another name: this type belongs to the protocol, and never reaches a handler')
  }
  need(broker === undefined || (isObject(broker) && isFunction(broker['publish'])), 'broker', 'a broker such as redisBroker({ client })')
  need(sharedLimiter === undefined || isFunction((sharedLimiter as { consume?: unknown } | null)?.consume), 'sharedLimiter', 'an object with a method consume(key)')
  need(logger === undefined || ['debug', 'info', 'warn', 'error'].every((level) => isFunction((logger as Fields | null)?.[level])), 'logger', 'an object with debug, info, warn and error')
  need(clock === undefined || isObject(clock), 'clock', 'a clock')
  for (const [name, ms] of Object.entries({ pingIntervalMs, idleTimeoutMs, verifyIntervalMs })) need(typeof ms === 'number' && ms > 0, name, 'a number of ms, more than 0')
  names('limits', limits)
  names('history', history)
  names('recovery', recovery)
  const { rates, guests } = (limits ?? {}) as Fields
  names('limits.rates', rates)
  names('limits.guests', guests)
  for (const [name, rate] of Object.entries((rates ?? {}) as Fields)) if (name !== 'banMs') need(isRate(rate), `limits.rates.${name}`, '{ max, windowMs }, each more than 0')
}
