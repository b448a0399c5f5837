/** Addresses: what can be dialed, and what may be printed. */
import { UplinkError } from '../core/errors.ts'

const SECRET = /([?&#](?:[\w.-]*(?:token|key|secret|password|passwd|auth|jwt|signature|ticket|credential)[\w.-]*|sig|code|pwd)=)[^&#\s"']*/gi
const USERINFO = /(\/\/)[^/@\s]+@/g
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]+/gi

/**
 * Takes secrets out of a text: values of query parameters whose names sound secret, user names and
 * passwords in URLs, and authorization values.
 *
 * @example
 * redact('wss://example.com/ws?token=abc&room=1') // 'wss://example.com/ws?token=***&room=1'
 */
export function redact(text: string): string {
  return text.replace(SECRET, '$1***').replace(USERINFO, '$1***@').replace(BEARER, '$1 ***')
}

function invalid(url: string, mend: string): UplinkError {
  return new UplinkError('UPLINK_URL_INVALID', `"${redact(url)}" ${mend}`, { severity: 'fatal' })
}

/**
 * Checks a URL and makes it absolute. `http(s):` becomes `ws(s):`.
 *
 * @param pageUrl address of the page, where there is one.
 * @throws UplinkError `UPLINK_URL_INVALID`, saying what is wrong and what to write instead.
 */
export function checkUrl(url: unknown, pageUrl: string | undefined): string {
  if (url === undefined) throw new UplinkError('UPLINK_URL_INVALID', "url is missing; write one such as 'wss://example.com/ws'", { severity: 'fatal' })
  if (typeof url !== 'string' || url.trim() === '') {
    throw invalid(String(url), "is not a URL; write one such as 'wss://example.com/ws'")
  }
  let parsed: URL
  try {
    parsed = new URL(url, pageUrl)
  } catch {
    throw invalid(url, "is not an absolute URL, and there is no page it could be relative to; write 'wss://…'")
  }
  if (parsed.protocol === 'https:') parsed.protocol = 'wss:'
  if (parsed.protocol === 'http:') parsed.protocol = 'ws:'
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') {
    throw invalid(url, `has the scheme "${parsed.protocol}"; allowed: ws:, wss:, http:, https:`)
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw invalid(url, 'carries a user name or password, which browsers refuse and logs would keep; send credentials in a message')
  }
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(parsed.hostname)
  if (parsed.protocol === 'ws:' && pageUrl?.startsWith('https:') === true && !local) {
    throw invalid(url, "is a plain ws: address on an https page, which browsers block; use 'wss:'")
  }
  // A fragment never reaches a server, and WebSocket constructors of some browsers throw on it.
  parsed.hash = ''
  return parsed.href
}
