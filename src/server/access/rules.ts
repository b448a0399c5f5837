/** Rules: who may do what. A rule that fails denies, and only `true` allows. */
import { UplinkError } from '../../core/errors.ts'
import type { User } from '../user.ts'

/** Decides about a user and the parameters of a channel. A throw or a rejection denies. */
export interface Rule<Params = unknown> {
  /** Stands in refusals and explanations, such as `role(admin)`. */
  readonly name: string
  readonly allows: (user: User, params: Params) => boolean | Promise<boolean>
}

/** What a rule said. */
export type Answer =
  | { readonly allowed: boolean }
  /** It threw or rejected. */
  | { readonly allowed: false; readonly failure: unknown }

/** The parameters that all of several rules need. */
export type ParamsOfRules<Rules extends readonly Rule<never>[]> = Rules[number] extends Rule<infer Params> ? Params : never

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { readonly then?: unknown }).then === 'function'

/** Goes on with a value, at once where it is there. */
export function whenKnown<Value, Result>(value: Value | Promise<Value>, goOn: (value: Value) => Result | Promise<Result>): Result | Promise<Result> {
  return isPromise(value) ? (value as Promise<Value>).then(goOn) : goOn(value as Value)
}

const failed = (failure: unknown): Answer => ({ allowed: false, failure })

/** Asks a rule; at once where the rule answers at once. Never throws and never rejects. */
export function ask<Params>(rule: Rule<Params>, user: User, params: Params): Answer | Promise<Answer> {
  try {
    const said: unknown = rule.allows(user, params)
    // A truthy mistake, such as the object of a database, must not open a channel.
    return isPromise(said) ? said.then((later): Answer => ({ allowed: later === true }), failed) : { allowed: said === true }
  } catch (failure) {
    return failed(failure)
  }
}

/**
 * A rule of your own.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` without a name or a function.
 * @example
 * const member = rule('member', (user, params: { readonly room: string }) => rooms.has(params.room, user.identity))
 */
export function rule<Params = unknown>(name: string, allows: (user: User, params: Params) => boolean | Promise<boolean>): Rule<Params> {
  if (typeof name !== 'string' || name === '' || typeof allows !== 'function') {
    throw new UplinkError('UPLINK_OPTION_INVALID', 'rule needs a name and a function that says who is allowed')
  }
  return Object.freeze({ name, allows })
}

/** Allows everybody, also those without a name. */
export const everyone: Rule = rule('everyone', () => true)

/** Allows nobody. */
export const nobody: Rule = rule('nobody', () => false)

/** Allows whoever has a name. */
export const authenticated: Rule = rule('authenticated', ({ identity }) => identity !== null)

/**
 * Allows whoever has at least one of these roles.
 *
 * @throws UplinkError `UPLINK_OPTION_INVALID` without a role.
 * @example
 * channel('admin_alerts', { subscribe: role('admin', 'super_admin') })
 */
export function role(...roles: readonly [string, ...string[]]): Rule {
  if (roles.length === 0 || roles.some((each) => typeof each !== 'string' || each === '')) {
    throw new UplinkError('UPLINK_OPTION_INVALID', 'role needs at least one name of a role')
  }
  return rule(`role(${roles.join(', ')})`, (user) => roles.some((each) => user.roles.includes(each)))
}

/**
 * Allows the user whose identity is exactly that parameter of the channel.
 *
 * @example
 * channel('user_{userId}_trades', { subscribe: self('userId') })
 */
export function self<const Name extends string>(parameter: Name): Rule<{ readonly [Key in Name]: string }> {
  return rule(`self(${parameter})`, ({ identity }, params) => identity !== null && Object.hasOwn(params, parameter) && params[parameter] === identity)
}

const nameOf = (kind: string, rules: readonly Rule<never>[]): string => `${kind}(${rules.map(({ name }) => name).join(', ')})`

/**
 * Allows what at least one of these rules allows. A rule that fails does not stop the others; where none allows, the
 * whole fails as it did.
 *
 * @example
 * channel('user_{userId}_notes', { subscribe: anyOf(self('userId'), role('support')) })
 */
export function anyOf<const Rules extends readonly Rule<never>[]>(...rules: Rules): Rule<ParamsOfRules<Rules>> {
  const listed: readonly Rule<never>[] = [...rules]
  return rule(nameOf('anyOf', rules), (user, params) => {
    const failures: unknown[] = []
    const from = (index: number): boolean | Promise<boolean> => {
      const next = listed[index]
      if (next === undefined) {
        if (failures.length > 0) throw failures[0]
        return false
      }
      return whenKnown(ask(next, user, params as never), (answer) => {
        if ('failure' in answer) failures.push(answer.failure)
        return answer.allowed || from(index + 1)
      })
    }
    return from(0)
  })
}

/**
 * Allows what all of these rules allow; nothing where there are none.
 *
 * @example
 * channel('desk_{desk:word}', { subscribe: allOf(authenticated, rule('desk', (user, { desk }) => desks.get(desk) === user.identity)) })
 */
export function allOf<const Rules extends readonly Rule<never>[]>(...rules: Rules): Rule<ParamsOfRules<Rules>> {
  const listed: readonly Rule<never>[] = [...rules]
  return rule(nameOf('allOf', rules), (user, params) => {
    const from = (index: number): boolean | Promise<boolean> => {
      const next = listed[index]
      if (next === undefined) return listed.length > 0
      return whenKnown(next.allows(user, params as never), (allowed) => allowed === true && from(index + 1))
    }
    return from(0)
  })
}
