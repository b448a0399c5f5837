import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ERROR_CODES, UplinkError, isUplinkError } from '../../src/core/errors.ts'
import { CLOSE_CODES } from '../../src/protocol/close.ts'

function page(): string {
  const codes = Object.entries(ERROR_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  const closes = Object.entries(CLOSE_CODES).map(([code, { by, advice, remedy, meaning }]) => `| ${code} | ${by} | ${meaning} | ${advice} | ${remedy} |`)
  return [
    '# Errors', '', 'Every error is an `UplinkError` with a `code` that never changes its meaning, and a `severity`',
    '(`warning`, `error`, `fatal`). This page is made from the code, and a test keeps it so.', '',
    '| code | meaning |', '| --- | --- |', ...codes, '', '## Close codes', '',
    'What the client does, and what a person can do. Codes that are not listed are retried.', '',
    '| code | sent by | meaning | client | person |', '| --- | --- | --- | --- | --- |', ...closes, '',
  ].join('\n')
}

it('docs/errors.md lists every code and every close code as the source has them', () => {
  const file = new URL('../../docs/errors.md', import.meta.url)
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, page())
  else expect(readFileSync(file, 'utf8'), 'run the tests once with UPDATE_DOCS=1').toBe(page())
})

it('an UplinkError of another copy of the package is recognised', () => {
  const foreign = Object.assign(new Error('x'), { name: 'UplinkError', code: 'UPLINK_REFUSED' })
  expect(isUplinkError(foreign)).toBe(true)
  expect(isUplinkError(new Error('x'))).toBe(false)
  expect(isUplinkError(new UplinkError('UPLINK_REFUSED', 'x'))).toBe(true)
})

it('an UplinkError is whole in JSON, and without its cause, which may hold anything', () => {
  const error = new UplinkError('UPLINK_REFUSED', 'no', { severity: 'fatal', closeCode: 4403, cause: new Error('secret') })
  expect(JSON.parse(JSON.stringify(error))).toEqual({ name: 'UplinkError', code: 'UPLINK_REFUSED', message: 'no', severity: 'fatal', closeCode: 4403 })
})
