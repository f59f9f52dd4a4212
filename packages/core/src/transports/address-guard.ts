/**
 * An address that users and servers must not name: `loopback` (this machine), `private` (its network), or `reserved`
 * (link-local, cloud metadata, multicast, unspecified and others that never lead to a service on the internet).
 */
export type AddressKind = 'loopback' | 'private' | 'reserved'

type Range = readonly [network: string, bits: number, kind: AddressKind]

/** IPv4 ranges (RFC 6890, and the metadata services of clouds). The first match counts. */
const RANGES: readonly Range[] = [
  ['100.100.100.200', 32, 'reserved'],
  ['168.63.129.16', 32, 'reserved'],
  ['0.0.0.0', 8, 'reserved'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'reserved'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'private'],
  ['224.0.0.0', 4, 'reserved'],
  ['240.0.0.0', 4, 'reserved'],
]

const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'instance-data.ec2.internal',
])
const PRIVATE_SUFFIXES = /\.(?:local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa)$/

/**
 * Classifies a host from a parsed URL, or an address from DNS. Returns undefined for an address or a name that may be on
 * the internet. A name may still resolve to any address.
 */
export function addressKind(host: string): AddressKind | undefined {
  const name = host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
  const v4 = parseIPv4(name)
  if (v4 !== undefined) return kindOfIPv4(v4)
  if (name.includes(':')) return kindOfIPv6(parseIPv6(name))
  if (name === 'localhost' || name.endsWith('.localhost') || name === 'localhost.localdomain') return 'loopback'
  if (METADATA_NAMES.has(name)) return 'reserved'
  // A name without a dot is resolved with the search list of this machine.
  return PRIVATE_SUFFIXES.test(name) || !name.includes('.') ? 'private' : undefined
}

/**
 * Returns whether a host that a server or a user named may be contacted.
 * @param options.allowed hosts that the app allows: exact, or `*.example.internal` for its subdomains
 * @param options.namedBy the host that named it; a host on this machine or network may name others there
 */
export function mayBeContacted(
  host: string,
  options: { readonly allowed?: readonly string[] | undefined; readonly namedBy?: string | undefined } = {},
): boolean {
  const kind = addressKind(host)
  if (kind === undefined || isAllowedHost(host, options.allowed)) return true
  return kind !== 'reserved' && options.namedBy !== undefined && addressKind(options.namedBy) === kind
}

/** Returns whether the app allows a host by name, regardless of its address. */
export function isAllowedHost(host: string, allowed: readonly string[] = []): boolean {
  const bare = (text: string) =>
    text
      .toLowerCase()
      .replace(/\.$/, '')
      .replace(/^\[|\]$/g, '')
  const name = bare(host)
  return allowed.some((pattern) =>
    pattern.startsWith('*.') ? name.endsWith(bare(pattern.slice(1))) : name === bare(pattern),
  )
}

function parseIPv4(text: string): number | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function kindOfIPv4(address: number): AddressKind | undefined {
  const range = RANGES.find(([network, bits]) => {
    const size = 2 ** (32 - bits)
    return Math.floor(address / size) === Math.floor((parseIPv4(network) ?? 0) / size)
  })
  return range?.[2]
}

/** Returns the eight groups of an IPv6 address, or undefined if the text is not one. */
function parseIPv6(text: string): readonly number[] | undefined {
  const [, start = text, dotted] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? []
  const v4 = dotted === undefined ? undefined : parseIPv4(dotted)
  const hex = v4 === undefined ? text : `${start}${Math.floor(v4 / 65_536).toString(16)}:${(v4 % 65_536).toString(16)}`
  const [head = '', tail] = hex.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  const all = [...left, ...Array.from<number>({ length: Math.max(0, zeros) }).fill(0), ...right]
  return all.length === 8 && all.every((group) => group >= 0 && group <= 0xffff) ? all : undefined
}

function kindOfIPv6(groups: readonly number[] | undefined): AddressKind | undefined {
  // An unknown address is refused.
  if (groups === undefined) return 'reserved'
  const [a = 0, b = 0, c = 0] = groups
  const leads = (...wanted: readonly number[]) => wanted.every((group, index) => groups[index] === group)
  const last = (index: number) => kindOfIPv4((groups[index] ?? 0) * 65_536 + (groups[index + 1] ?? 0))
  if (leads(0, 0, 0, 0, 0, 0, 0, 1)) return 'loopback'
  if (leads(0, 0, 0, 0, 0, 0, 0, 0)) return 'reserved'
  // IPv4 inside IPv6: mapped, translated (RFC 2765), compatible, NAT64 (RFC 6052), 6to4 (RFC 3056).
  if (leads(0, 0, 0, 0, 0, 0xffff) || leads(0, 0, 0, 0, 0xffff, 0) || leads(0, 0, 0, 0, 0, 0)) return last(6)
  if (leads(0x64, 0xff9b, 0, 0, 0, 0)) return last(6)
  if (a === 0x2002) return kindOfIPv4(b * 65_536 + c)
  // Local NAT64, Teredo, discard-only.
  if (leads(0x64, 0xff9b) || leads(0x2001, 0) || leads(0x100, 0, 0, 0)) return 'reserved'
  if (leads(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)) return 'reserved'
  if ((a & 0xfe00) === 0xfc00 || (a & 0xffc0) === 0xfec0) return 'private'
  if ((a & 0xffc0) === 0xfe80 || (a & 0xff00) === 0xff00) return 'reserved'
  return undefined
}
