/** Checks of the common string formats. Each pattern here is ours, and linear. */
const formats = new Map<string, (text: string) => boolean>([
  ['date', isDate],
  ['date-time', (text) => /[tT ]/.test(text.charAt(10)) && isDate(text.slice(0, 10)) && isTime(text.slice(11))],
  ['time', isTime],
  ['email', (text) => text.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(text)],
  ['hostname', (text) => text.length <= 253 && text.split('.').every(isLabel)],
  ['ipv4', isIpv4],
  ['ipv6', (text) => /^[\da-fA-F:.]{2,45}$/.test(text) && URL.canParse(`http://[${text}]/`)],
  ['uri', (text) => /^[a-zA-Z][a-zA-Z\d+.-]*:/.test(text) && !/[\s<>"{}|\\^`]/.test(text)],
  ['uri-reference', (text) => !/[\s<>"{}|\\^`]/.test(text)],
  ['uuid', (text) => /^(?:urn:uuid:)?[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$/.test(text)],
  // Numbers, and texts without a form.
  ...['int32', 'int64', 'float', 'double', 'password', 'binary'].map((name) => [name, () => true] as const),
])

/** Returns the check of a format, or undefined if the format is unknown. */
export const formatCheck = (name: string): ((text: string) => boolean) | undefined => formats.get(name)

function isDate(text: string): boolean {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (found === null) return false
  const [year, month, day] = found.slice(1).map(Number)
  const date = new Date(`${text}T00:00:00Z`)
  return date.getUTCFullYear() === year && date.getUTCMonth() + 1 === month && date.getUTCDate() === day
}

function isTime(text: string): boolean {
  const found = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,20})?(?:[zZ]|[+-](\d{2}):?(\d{2}))$/.exec(text)
  if (found === null) return false
  const [hours = 0, minutes = 0, seconds = 0, offsetHours = 0, offsetMinutes = 0] = found
    .slice(1)
    .map((each) => Number(each ?? 0))
  return hours < 24 && minutes < 60 && seconds <= 60 && offsetHours < 24 && offsetMinutes < 60
}

const isLabel = (label: string): boolean => /^[a-zA-Z\d](?:[a-zA-Z\d-]{0,61}[a-zA-Z\d])?$/.test(label)

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
}
