/** Which addresses count as one: whoever has an IPv6 address has a network of them. */

const GROUPS = 8
const groupsOf = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'))
const bytesOf = (group: string): string => `${Number.parseInt(group, 16) >> 8}.${Number.parseInt(group, 16) & 255}`

/** The groups before the last two that stand for IPv4: mapped (RFC 4291, section 2.5.5.2), translated (RFC 6052, section 2.1). */
const IPV4_BEFORE: ReadonlySet<string> = new Set(['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'])

/**
 * What is counted for an address: an IPv4 address itself, also where it is written as IPv6, and of IPv6 the /64,
 * which is the least that one customer gets (RFC 6177). What is neither stays as it is.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%', 1)
  const url = `http://[${bare}]`
  if (!/^[\da-f:.]*:[\da-f:.]*$/i.test(bare) || !URL.canParse(url)) return address
  // A URL holds it in one way of writing, of the many there are.
  const [before, after] = new URL(url).hostname.slice(1, -1).split('::')
  const head = groupsOf(before)
  const tail = groupsOf(after)
  const groups = [...head, ...Array.from({ length: GROUPS - head.length - tail.length }, () => '0'), ...tail]
  if (IPV4_BEFORE.has(groups.slice(0, 6).join(':'))) return groups.slice(6).map(bytesOf).join('.')
  return `${groups.slice(0, 4).join(':')}::/64`
}
