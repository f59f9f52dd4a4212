import { instantAt } from './event-times.ts'
import { GoogleFailure } from './failure.ts'
import type { SimulatedEventTime, SimulatedEvent } from './resource.ts'
import { instantOf, spell, wallTime } from './zones.ts'

/** One time at which a series happens. */
export interface Occurrence {
  /** The id of the event of this occurrence. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly start: SimulatedEventTime
  readonly end: SimulatedEventTime
}

const DAY_MS = 86_400_000
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']
/** Bounds a series without an end. */
const MAX_OCCURRENCES = 730
/** Bounds a daily rule whose interval never meets its weekdays. */
const MAX_DAYS = 36_525

interface Rule {
  readonly isWeekly: boolean
  readonly interval: number
  readonly count: number
  readonly until: number
  /** Numbers of weekdays, from the first day of the week. */
  readonly days: readonly number[] | undefined
  readonly weekStart: number
}

/**
 * Returns the occurrences of a series in order. The time on the wall stays the same over a change of the clocks.
 * @throws GoogleFailure `notSimulated` for other rules than daily and weekly ones
 */
export function* occurrencesOf(series: SimulatedEvent, calendarZone: string): Generator<Occurrence> {
  const { id = '', start = {}, end = {}, recurrence = [] } = series
  const isAllDay = start.date !== undefined
  const zone = isAllDay ? 'UTC' : (start.timeZone ?? calendarZone)
  const first = isAllDay ? Date.parse(start.date) : wallTime(instantAt(start, calendarZone), zone)
  const length = isAllDay
    ? Date.parse(end.date ?? start.date) - first
    : instantAt(end, calendarZone) - instantAt(start, calendarZone)
  const rule = ruleOf(recurrence, zone)
  const excluded = new Set(
    recurrence.filter((line) => line.startsWith('EXDATE')).flatMap((line) => datesOf(line, zone)),
  )
  let counted = 0
  for (const wall of wallTimes(rule, first)) {
    const at = instantOf(wall, zone)
    if (at > rule.until || counted === rule.count || counted === MAX_OCCURRENCES) return
    counted++
    if (excluded.has(at)) continue
    const time = (instant: number, { timeZone }: SimulatedEventTime): SimulatedEventTime =>
      isAllDay
        ? { date: new Date(instant).toISOString().slice(0, 10) }
        : { dateTime: spell(instant, calendarZone), ...(timeZone !== undefined && { timeZone }) }
    yield {
      id: `${id}_${stamp(at, isAllDay)}`,
      at: isAllDay ? instantAt(time(at, start), calendarZone) : at,
      start: time(at, start),
      end: time(at + length, end),
    }
  }
}

function stamp(at: number, isAllDay: boolean): string {
  const text = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return isAllDay ? text.slice(0, 8) : text
}

function* wallTimes({ isWeekly, interval, days, weekStart }: Rule, first: number): Generator<number> {
  const weekday = (new Date(first).getUTCDay() - weekStart + 7) % 7
  if (isWeekly) {
    const begin = first - weekday * DAY_MS
    for (let week = 0; ; week += interval) {
      for (const day of days ?? [weekday]) {
        const wall = begin + (week * 7 + day) * DAY_MS
        if (wall >= first) yield wall
      }
    }
  }
  for (let day = 0; day < MAX_DAYS; day += interval) {
    if (days === undefined || days.includes((weekday + day) % 7)) yield first + day * DAY_MS
  }
}

function ruleOf(recurrence: readonly string[], zone: string): Rule {
  const lines = recurrence.filter((line) => !line.startsWith('EXDATE'))
  const [line = ''] = lines
  const fields = new Map(
    line
      .replace('RRULE:', '')
      .split(';')
      .map((pair) => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? ''] as const),
  )
  const known = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'WKST']
  const frequency = fields.get('FREQ') ?? ''
  const names = fields.get('BYDAY')?.split(',')
  const isSimple =
    lines.length === 1 &&
    line.startsWith('RRULE:') &&
    ['DAILY', 'WEEKLY'].includes(frequency) &&
    [...fields.keys()].every((name) => known.includes(name)) &&
    (names ?? []).every((name) => WEEKDAYS.includes(name))
  if (!isSimple)
    throw new GoogleFailure('notSimulated', { message: `The simulator does not expand ${lines.join(' ')}.` })
  const weekStart = Math.max(0, WEEKDAYS.indexOf(fields.get('WKST') ?? 'MO'))
  const until = fields.get('UNTIL')
  return {
    isWeekly: frequency === 'WEEKLY',
    interval: Math.max(1, Number(fields.get('INTERVAL') ?? 1)),
    count: Number(fields.get('COUNT') ?? Number.POSITIVE_INFINITY),
    until: until === undefined ? Number.POSITIVE_INFINITY : (datesOf(`:${until}`, zone)[0] ?? 0),
    days: names?.map((name) => (WEEKDAYS.indexOf(name) - weekStart + 7) % 7).toSorted((a, b) => a - b),
    weekStart,
  }
}

/** Returns the instants of a line such as `EXDATE;TZID=Europe/Berlin:20260105T100000,20260112T100000`. */
function datesOf(line: string, zone: string): readonly number[] {
  const [head = '', values = ''] = line.split(/:(?=\d)/)
  const own = /TZID=([^;:]+)/.exec(head)?.[1] ?? zone
  return values.split(',').map((value) => {
    const [, year = '', month = '', day = '', time, utc] = /^(\d{4})(\d\d)(\d\d)(?:T(\d{6})(Z?))?$/.exec(value) ?? []
    const clock = time === undefined ? '00:00:00' : time.replaceAll(/(\d\d)(?=\d)/g, '$1:')
    const wall = Date.parse(`${year}-${month}-${day}T${clock}Z`)
    return utc === 'Z' ? wall : instantOf(wall, own)
  })
}
