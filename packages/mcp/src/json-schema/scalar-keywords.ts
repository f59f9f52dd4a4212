import { shown } from './validation.ts'
import type { Validation, Location, Schema } from './validation.ts'

export function checkString(
  validation: Validation,
  keyword: string,
  expected: unknown,
  text: string,
  location: Location,
): boolean {
  switch (keyword) {
    case 'minLength':
      if (typeof expected !== 'number' || codePoints(validation, text, expected) >= expected) return true
      return validation.fault(location, `must have at least ${expected} characters`)
    case 'maxLength':
      if (typeof expected !== 'number' || text.length <= expected) return true
      return (
        codePoints(validation, text, expected) <= expected ||
        validation.fault(location, `must have at most ${expected} characters`)
      )
    case 'pattern':
      if (typeof expected !== 'string' || validation.matches(expected, text)) return true
      return validation.fault(location, `must match the pattern ${shown(expected)}`)
    case 'format':
      return typeof expected !== 'string' || checkFormat(validation, expected, text, location)
    default:
      return true
  }
}

function checkFormat(validation: Validation, format: string, text: string, location: Location): boolean {
  const isGood = formats.get(format)
  if (isGood === undefined) return validation.skip(`the format "${shown(format)}"`)
  validation.budget.use(text.length >> 4)
  return isGood(text) || validation.fault(location, `must have the format ${shown(format)}`)
}

/** Counts code points only if their number can matter. */
function codePoints({ budget }: Validation, text: string, limit: number): number {
  if (text.length > 2 * limit) return text.length / 2
  budget.use(text.length >> 2)
  let count = 0
  for (const _ of text) count += 1
  return count
}

export function checkNumber(
  validation: Validation,
  keyword: string,
  schema: Schema,
  value: number,
  location: Location,
): boolean {
  const expected = schema[keyword]
  if (typeof expected !== 'number' || fits(keyword, expected, schema, value)) return true
  return validation.fault(location, `breaks ${keyword} ${expected}`)
}

function fits(keyword: string, limit: number, schema: Schema, value: number): boolean {
  switch (keyword) {
    case 'minimum':
      // In draft-04, exclusiveMinimum is a boolean next to it.
      return schema['exclusiveMinimum'] === true ? value > limit : value >= limit
    case 'maximum':
      return schema['exclusiveMaximum'] === true ? value < limit : value <= limit
    case 'exclusiveMinimum':
      return value > limit
    case 'exclusiveMaximum':
      return value < limit
    case 'multipleOf':
      return limit <= 0 || Math.abs(value / limit - Math.round(value / limit)) < 1e-8
    default:
      return true
  }
}

/** Checks of the common string formats. Each pattern here runs in linear time. */
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
  // Numbers, and strings of any form.
  ...['int32', 'int64', 'float', 'double', 'password', 'binary'].map((name) => [name, () => true] as const),
])

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
