import { expect, it } from 'vitest'
import { HELP, readFlags } from '../../examples/dashboard/flags.ts'

it('has a default for every flag', () => expect(readFlags([])).toEqual({ speed: 1, seed: 7, port: 4_173 }))

it('takes what it is given', () => {
  const tape = 'package.json'
  expect(readFlags(['--tape', tape, '--speed', '0.5', '--seed=9', '--port', '0'])).toEqual({ tape, speed: 0.5, seed: 9, port: 0 })
})

it.each([
  [['--speed', 'fast'], '--speed is "fast"; allowed: a number from 0.01 to 10000'],
  [['--speed', '0'], '--speed is "0"; allowed: a number from 0.01 to 10000'],
  [['--port', '70000'], '--port is "70000"; allowed: a whole number from 0 to 65535'],
  [['--port='], '--port is ""; allowed: a whole number'],
  [['--seed', '1.5'], '--seed is "1.5"; allowed: a whole number'],
  [['--tape', 'nowhere.ws'], '--tape nowhere.ws: there is no such file'],
  [['--tape', 'src'], '--tape src: there is no such file'],
  [['--tpae', 'x'], '--tpae'],
  [['extra'], 'extra'],
])('refuses %j and says what is allowed', (flags, sentence) => expect(() => readFlags(flags)).toThrow(sentence))

it('explains every flag when it is asked to', () => {
  expect(readFlags(['--help'])).toBeNull()
  for (const flag of ['--tape FILE', '--speed N', '--seed N', '--port N']) expect(HELP).toContain(flag)
})
