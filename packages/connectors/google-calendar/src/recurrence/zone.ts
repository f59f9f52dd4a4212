const DAY_MS = 86_400_000

/** A day or a time of an event, as Google writes it. */
export interface EventTime {
  readonly date?: string | null | undefined
  readonly dateTime?: string | null | undefined
  readonly timeZone?: string | null | undefined
}

/** Converts between the wall time of zones and instants, in milliseconds since the epoch. */
export interface Zones {
  /**
   * Returns the instant of a wall time, `2026-11-02T14:10:00`. A time that occurs twice is the first one. One that does not
   * exist has the offset before the gap (RFC 5545, section 3.3.5).
   * @throws RangeError if there is no such zone or time
   */
  instantOf(wall: string, zone: string): number
  /** Returns the wall time of an instant and its offset: `2026-11-02T14:10:00-05:00`. */
  timeAt(instant: number, zone: string): string
}

/** Creates {@link Zones}. It keeps the formatter of each zone, which is slow to create. */
export function createZones(): Zones {
  const formatters = new Map<string, Intl.DateTimeFormat>()
  const offsetAt = (instant: number, zone: string): number => {
    const formatter = formatters.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, ...FIELDS })
    formatters.set(zone, formatter)
    const part = Object.fromEntries(formatter.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000
  }
  return {
    instantOf(wall, zone) {
      const utc = utcOf(wall)
      const [before, after] = [offsetAt(utc - DAY_MS, zone), offsetAt(utc + DAY_MS, zone)]
      const isAfter = offsetAt(utc - before, zone) !== before && offsetAt(utc - after, zone) === after
      return utc - (isAfter ? after : before)
    },
    timeAt(instant, zone) {
      const offset = offsetAt(instant, zone)
      const minutes = Math.abs(offset) / 60_000
      const text = [Math.floor(minutes / 60), Math.round(minutes % 60)].map((each) => String(each).padStart(2, '0'))
      return `${wallOf(instant + offset)}${offset < 0 ? '-' : '+'}${text.join(':')}`
    },
  }
}

const FIELDS = {
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const

/** Returns a day or a wall time as if it were UTC. */
export function utcOf(wall: string): number {
  const utc = Date.parse(wall.length === 10 ? wall : `${wall}Z`)
  if (Number.isNaN(utc)) throw new RangeError(`"${wall}" is no time.`)
  return utc
}

/** Returns a wall time without its offset, to the second. */
export const wallOf = (utc: number): string => new Date(utc).toISOString().slice(0, 19)

/** Returns the instant of a time, or of the start of a day in `dayZone`. */
export function instantOf({ date, dateTime, timeZone }: EventTime, zones: Zones, dayZone: string): number {
  if (typeof date === 'string') return zones.instantOf(`${date}T00:00:00`, dayZone)
  if (typeof dateTime !== 'string') throw new RangeError('The event has no time.')
  if (!/(?:Z|[+-]\d{2}:\d{2})$/i.test(dateTime)) return zones.instantOf(dateTime, timeZone ?? dayZone)
  const instant = Date.parse(dateTime)
  if (Number.isNaN(instant)) throw new RangeError(`"${dateTime}" is no time.`)
  return instant
}
