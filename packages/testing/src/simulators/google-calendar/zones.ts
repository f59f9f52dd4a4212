const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, format)
  return format
}

export function isZone(timeZone: string): boolean {
  try {
    return formatOf(timeZone) !== undefined
  } catch {
    return false
  }
}

/** Returns what a clock on the wall shows, as if it were UTC. Both are milliseconds since the epoch; sub-seconds are dropped. */
export function wallTime(instant: number, timeZone: string): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
}

/** Returns the instant at which a clock on the wall shows `wall`; NaN if that is no time. */
export function instantOf(wall: number, timeZone: string): number {
  if (Number.isNaN(wall)) return wall
  const offsetAt = (instant: number): number => wallTime(instant, timeZone) - instant
  return wall - offsetAt(wall - offsetAt(wall))
}

/** Returns an instant with the offset of a zone: `2026-01-05T10:00:00+01:00`. */
export function spell(instant: number, timeZone: string): string {
  const wall = wallTime(instant, timeZone)
  const minutes = Math.round((wall - instant) / 60_000)
  const text = new Date(wall).toISOString().slice(0, 19)
  if (minutes === 0) return `${text}Z`
  const two = (value: number): string => String(value).padStart(2, '0')
  const absolute = Math.abs(minutes)
  return `${text}${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`
}
