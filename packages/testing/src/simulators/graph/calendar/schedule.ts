import { GraphFailure } from '../failure.ts'
import { isObject } from '../routes.ts'
import type { Fields } from '../routes.ts'
import type { Events } from './events.ts'
import { instantAt, timeIn } from './times.ts'
import type { StoredTime } from './times.ts'

const MINUTE_MS = 60_000
const DIGITS: Readonly<Record<string, string>> = {
  free: '0',
  tentative: '1',
  busy: '2',
  oof: '3',
  workingElsewhere: '4',
}

/** Responds to `getSchedule`: the user's own times. Every other address is unknown. */
export function scheduleOf(body: Fields, events: Events, user: string): Fields {
  const { schedules, availabilityViewInterval: interval = 30 } = body
  if (!Array.isArray(schedules) || typeof interval !== 'number' || interval < 5 || interval > 1440) {
    throw new GraphFailure('ErrorInvalidRequest')
  }
  const window = { from: instantAt(timeIn(body, 'startTime', false)), to: instantAt(timeIn(body, 'endTime', false)) }
  const items = events.within(window).filter(({ item }) => item['showAs'] !== 'free')
  const statusAt = (from: number): string => {
    const found = items.find(
      ({ item }) =>
        instantAt(item['start'] as StoredTime) < from + interval * MINUTE_MS &&
        instantAt(item['end'] as StoredTime) > from,
    )
    const status = found?.item['showAs'] ?? 'free'
    return typeof status === 'string' ? (DIGITS[status] ?? '2') : '2'
  }
  const slots = Math.ceil((window.to - window.from) / (interval * MINUTE_MS))
  const own = {
    availabilityView: Array.from({ length: slots }, (_, slot) =>
      statusAt(window.from + slot * interval * MINUTE_MS),
    ).join(''),
    scheduleItems: items.map(({ item }) => ({
      isPrivate: item['sensitivity'] === 'private',
      status: item['showAs'],
      subject: item['subject'],
      location: isObject(item['location']) ? item['location']['displayName'] : '',
      start: item['start'],
      end: item['end'],
    })),
  }
  return {
    value: schedules.map((address: unknown) =>
      address === user
        ? { scheduleId: address, ...own }
        : {
            scheduleId: address,
            error: { message: 'The address was not found.', responseCode: 'ErrorMailRecipientNotFound' },
          },
    ),
  }
}
