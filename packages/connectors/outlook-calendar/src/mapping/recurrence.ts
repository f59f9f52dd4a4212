import { ConnectorError } from '@mcpclient/core/define'
import { fromWallTime, toWallTime } from '@mcpclient/shapes'

/** A recurrence as Graph has it. Source: https://learn.microsoft.com/graph/api/resources/patternedrecurrence */
export interface PatternedRecurrence {
  readonly pattern: Readonly<Record<string, unknown>>
  readonly range: Readonly<Record<string, unknown>>
}

/** The start of a series: its first day, and the zone in which it repeats. */
export interface SeriesStart {
  /** ISO date. */
  readonly date: string
  readonly timeZone: string
  readonly isAllDay: boolean
}

const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const
const NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
const INDEXES = new Map([
  ['1', 'first'],
  ['2', 'second'],
  ['3', 'third'],
  ['4', 'fourth'],
  ['-1', 'last'],
])
const TYPES = new Map([
  ['DAILY', 'daily'],
  ['WEEKLY', 'weekly'],
  ['MONTHLY', 'Monthly'],
  ['YEARLY', 'Yearly'],
])
const KNOWN = new Set(['FREQ', 'INTERVAL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYSETPOS', 'COUNT', 'UNTIL', 'WKST'])

/**
 * Converts the recurrence lines of RFC 5545 to a recurrence of Graph.
 * @throws ConnectorError INVALID_INPUT if Graph has no such recurrence: several rules, excluded days, hours
 */
export function toPattern(lines: readonly string[], start: SeriesStart): PatternedRecurrence {
  const [line = '', ...others] = lines
  if (others.length > 0 || !/^RRULE:/i.test(line))
    throw refused('Outlook has one rule for a series, and no excluded days.')
  const rule = new Map(
    line
      .slice('RRULE:'.length)
      .split(';')
      .map((part) => part.toUpperCase().split('='))
      .map(([name = '', value = '']) => [name, value]),
  )
  const unknown = [...rule.keys()].find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw refused(`Outlook has no recurrence with ${unknown}.`)
  return { pattern: patternOf(rule, start), range: rangeOf(rule, start) }
}

function patternOf(rule: ReadonlyMap<string, string>, { date }: SeriesStart): PatternedRecurrence['pattern'] {
  const type = TYPES.get(rule.get('FREQ') ?? '')
  if (type === undefined) throw refused('Outlook repeats by days, weeks, months or years.')
  const common = { interval: Number(rule.get('INTERVAL') ?? 1), firstDayOfWeek: nameOf(rule.get('WKST') ?? 'MO') }
  const weekday = NAMES[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? 'monday'
  const days = (rule.get('BYDAY') ?? '').split(',').filter((day) => day !== '')
  if (type === 'daily' && days.length === 0) return { type, ...common }
  if (type === 'weekly') return { type, ...common, daysOfWeek: days.length === 0 ? [weekday] : days.map(nameOf) }
  if (type === 'daily') throw refused('Outlook repeats on days of the week by weeks only.')
  const month = rule.get('BYMONTH') ?? String(Number(date.slice(5, 7)))
  if (type === 'Monthly' && rule.has('BYMONTH')) throw refused('Outlook repeats in months of the year by years only.')
  const inMonth = type === 'Yearly' ? { month: whole(month, 1, 12) } : {}
  if (days.length === 0) {
    const dayOfMonth = whole(rule.get('BYMONTHDAY') ?? String(Number(date.slice(8))), 1, 31)
    return { type: `absolute${type}`, ...common, ...inMonth, dayOfMonth }
  }
  if (rule.has('BYMONTHDAY')) throw refused('Outlook has no day of the week on a day of the month.')
  const positions = new Set(days.map((day) => rule.get('BYSETPOS') ?? day.slice(0, -2)))
  const [position = ''] = positions
  const index = INDEXES.get(position.replace('+', ''))
  if (positions.size > 1 || index === undefined) {
    throw refused('Outlook repeats on the first, second, third, fourth or last of some days of the week.')
  }
  const daysOfWeek = days.map((day) => nameOf(day.slice(-2)))
  if (daysOfWeek.length > 1 && !rule.has('BYSETPOS'))
    throw refused('Outlook repeats on one of several days, with BYSETPOS.')
  return { type: `relative${type}`, ...common, ...inMonth, daysOfWeek, index }
}

function rangeOf(rule: ReadonlyMap<string, string>, { date, timeZone }: SeriesStart): PatternedRecurrence['range'] {
  const common = { startDate: date, recurrenceTimeZone: timeZone }
  const [count, until] = [rule.get('COUNT'), rule.get('UNTIL')]
  if (count !== undefined) return { type: 'numbered', ...common, numberOfOccurrences: whole(count, 1, Infinity) }
  if (until === undefined) return { type: 'noEnd', ...common }
  return { type: 'endDate', ...common, endDate: lastDay(until, timeZone) }
}

/** Returns the day on which a series ends, in its zone. */
function lastDay(until: string, timeZone: string): string {
  const [, year, month, day, time] = /^(\d{4})(\d{2})(\d{2})(?:T(\d{6})Z?)?$/.exec(until) ?? []
  if (year === undefined || month === undefined || day === undefined) throw refused('The end of the series is no day.')
  const date = `${year}-${month}-${day}`
  if (time === undefined || !until.endsWith('Z')) return date
  const dateTime = `${date}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`
  return toWallTime({ dateTime, timeZone }).dateTime.slice(0, 10)
}

/** Converts a recurrence of Graph to the recurrence lines of RFC 5545. */
export function toLines(
  { pattern, range }: PatternedRecurrence,
  { timeZone, isAllDay }: SeriesStart,
): readonly string[] {
  const type = String(pattern['type'])
  const days = Array.isArray(pattern['daysOfWeek']) ? pattern['daysOfWeek'].map((day) => codeOf(String(day))) : []
  const position = [...INDEXES].find(([, index]) => index === pattern['index'])?.[0]
  const isRelative = type.startsWith('relative')
  const frequency = [...TYPES].find(([, each]) => type === each || type.endsWith(each))?.[0]
  if (frequency === undefined) throw refused(`A recurrence of the type ${type} is not known.`)
  const single = isRelative && days.length === 1
  const parts: readonly (readonly [string, unknown])[] = [
    ['FREQ', frequency],
    ['INTERVAL', pattern['interval'] === 1 ? undefined : pattern['interval']],
    ['BYMONTH', frequency === 'YEARLY' ? pattern['month'] : undefined],
    ['BYMONTHDAY', type.startsWith('absolute') ? pattern['dayOfMonth'] : undefined],
    ['BYDAY', days.length === 0 ? undefined : days.map((day) => (single ? `${position ?? '1'}${day}` : day)).join(',')],
    ['BYSETPOS', isRelative && !single ? (position ?? '1') : undefined],
    // Weeks start on a day of their own only if it matters.
    [
      'WKST',
      type === 'weekly' && pattern['firstDayOfWeek'] !== 'monday' && pattern['interval'] !== 1
        ? codeOf(String(pattern['firstDayOfWeek']))
        : undefined,
    ],
    ['COUNT', range['type'] === 'numbered' ? range['numberOfOccurrences'] : undefined],
    ['UNTIL', range['type'] === 'endDate' ? untilOf(String(range['endDate']), timeZone, isAllDay) : undefined],
  ]
  const known = parts.filter(([, value]) => value !== undefined && value !== null)
  return [`RRULE:${known.map(([name, value]) => `${name}=${String(value)}`).join(';')}`]
}

/** Returns the end of a series: a day, or the last second of it in the zone of the series, in UTC. */
function untilOf(date: string, timeZone: string, isAllDay: boolean): string {
  if (isAllDay) return date.replaceAll('-', '')
  const { dateTime } = fromWallTime({ dateTime: `${date}T23:59:59`, timeZone })
  return new Date(dateTime).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '')
}

function nameOf(day: string): string {
  const name = NAMES[DAYS.indexOf(day as (typeof DAYS)[number])]
  if (name === undefined) throw refused(`Outlook has no recurrence on ${day}.`)
  return name
}

const codeOf = (name: string): string => DAYS[NAMES.indexOf(name.toLowerCase() as (typeof NAMES)[number])] ?? 'MO'

function whole(text: string, least: number, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw refused(`Outlook has no recurrence with the number ${text}.`)
}

const refused = (message: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', message, {
    outcome: 'not_processed',
    hint: 'Keep this series at one provider, or change its rule.',
  })
