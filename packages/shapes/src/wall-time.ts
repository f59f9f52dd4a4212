import { ConnectorError } from '@mcpclient/core/define'

/** A time as the clocks of a zone show it. */
export interface WallTime {
  /** Without an offset: `2026-11-02T14:10:00`. */
  readonly dateTime: string
  /** IANA name. */
  readonly timeZone: string
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const WALL = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?$/

/**
 * Returns the wall time of an instant in its zone; in UTC if it has none.
 * @param time.dateTime with an offset
 * @throws ConnectorError INVALID_INPUT if the time or the zone cannot be read
 */
export function toWallTime(time: { readonly dateTime: string; readonly timeZone?: string | undefined }): WallTime {
  const { dateTime, timeZone = 'UTC' } = time
  const at = Date.parse(dateTime)
  if (Number.isNaN(at)) throw unreadable(`${dateTime} is not a time with an offset.`)
  return { dateTime: isoOf(at + offsetMs(at, timeZone)), timeZone }
}

/**
 * Returns the instant of a wall time, with the offset that its zone has then. Of an hour that the clocks repeat it is the
 * first one; an hour that they skip is moved forward.
 * @throws ConnectorError INVALID_INPUT if the time or the zone cannot be read
 */
export function fromWallTime({ dateTime, timeZone }: WallTime): {
  readonly dateTime: string
  readonly timeZone: string
} {
  const [, wall = ''] = WALL.exec(dateTime) ?? []
  const asUtc = Date.parse(`${wall}Z`)
  if (Number.isNaN(asUtc)) throw unreadable(`${dateTime} is not a time without an offset.`)
  // The offsets a day earlier and a day later are those on both sides of a change.
  const [before, after] = [offsetMs(asUtc - 24 * HOUR_MS, timeZone), offsetMs(asUtc + 24 * HOUR_MS, timeZone)]
  const isAt = (offset: number): boolean => offsetMs(asUtc - offset, timeZone) === offset
  const offset = isAt(before) || !isAt(after) ? before : after
  const at = asUtc - offset
  const shown = offsetMs(at, timeZone)
  return { dateTime: `${isoOf(at + shown)}${offsetText(shown)}`, timeZone }
}

const isoOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19)

function offsetText(offset: number): string {
  if (offset === 0) return 'Z'
  const minutes = Math.abs(offset) / MINUTE_MS
  const digits = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${offset < 0 ? '-' : '+'}${digits(minutes / 60)}:${digits(minutes % 60)}`
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Returns how far the clocks of a zone are ahead of UTC at an instant. */
function offsetMs(at: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0
  const whole = Math.floor(at / 1000) * 1000
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(whole)
      .map(({ type, value }) => [type, value]),
  )
  const { year, month, day, hour, minute, second } = parts
  return Date.parse(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`) - whole
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    })
    formats.set(timeZone, format)
    return format
  } catch {
    throw unreadable(`${timeZone} is not the IANA name of a time zone.`)
  }
}

const unreadable = (message: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', message, {
    outcome: 'not_processed',
    hint: 'Pass a time such as 2026-11-02T14:10:00-05:00, and a zone such as Europe/Berlin.',
  })
