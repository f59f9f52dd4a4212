import { createFakeClock, seededRandom } from '../../../src/index.ts'
import type { FakeClock } from '../../../src/index.ts'
import { simulatedGoogleCalendar } from '../../../src/simulators.ts'
import type {
  SimulatedEvent,
  SimulatedGoogleCalendar,
  SimulatedGoogleCalendarOptions,
} from '../../../src/simulators.ts'
import { vendorContract } from './vendor-contract.ts'

interface Sent {
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  /** The parsed body, or an empty object. */
  readonly body: SimulatedEvent & { readonly items: readonly SimulatedEvent[] } & Readonly<Record<string, unknown>>
  /** The reason of a failure. */
  readonly reason: string | undefined
}

export interface Account {
  readonly clock: FakeClock
  readonly google: SimulatedGoogleCalendar
  /** Sends a request to `/calendar/v3` and the path. Fails on a response that Google's description does not allow. */
  call(method: string, path: string, sent?: Sent): Promise<Answer>
}

export const EVENTS = '/calendars/primary/events'
export const BERLIN = { id: 'ada@example.com', summary: 'Ada', timeZone: 'Europe/Berlin' } as const

/** The checks so far, so that a test can say that there were some. */
export const checked = new Set<string>()

/** Creates an account with the token `secret` and one calendar in Berlin. */
export function account(options: Partial<SimulatedGoogleCalendarOptions> = {}): Account {
  const clock = createFakeClock()
  const google = simulatedGoogleCalendar({
    clock,
    random: seededRandom('account'),
    accessToken: 'secret',
    calendars: [BERLIN],
    ...options,
  })
  return {
    clock,
    google,
    async call(method, path, { query = {}, body, headers } = {}) {
      const url = `https://www.googleapis.com/calendar/v3${path}?${new URLSearchParams(query).toString()}`
      const response = await google.handle(
        new Request(url, {
          method,
          headers: { authorization: 'Bearer secret', ...headers },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      )
      const text = await response.text()
      const parsed = (text === '' ? {} : JSON.parse(text)) as Answer['body']
      const { status } = response
      if (response.ok) checkResponse(method, url, status, text === '' ? undefined : parsed)
      return { status, body: parsed, reason: reasonOf(parsed) }
    },
  }
}

function checkResponse(method: string, url: string, status: number, responseBody: unknown): void {
  const found = vendorContract?.check({ method, url, status, ...(responseBody !== undefined && { responseBody }) })
  if (found === undefined || found.op === null) return
  checked.add(found.op)
  if (found.problems.length > 0) throw new Error(`${method} ${url}: ${found.problems.join('; ')}`)
}

const reasonOf = (body: unknown): string | undefined =>
  (body as { readonly error?: { readonly errors: readonly { readonly reason: string }[] } }).error?.errors[0]?.reason

/** Returns an event on a day of January 2026, from 10:00 to 11:00 in Berlin. */
export const meeting = (day: number, more: SimulatedEvent = {}): SimulatedEvent => ({
  summary: `Meeting ${day}`,
  start: { dateTime: `2026-01-${String(day).padStart(2, '0')}T10:00:00+01:00` },
  end: { dateTime: `2026-01-${String(day).padStart(2, '0')}T11:00:00+01:00` },
  ...more,
})

/** Returns a weekly series from Monday, 5 January 2026, 10:00 in Berlin. */
export const series = (more: SimulatedEvent = {}): SimulatedEvent => ({
  id: 'series',
  summary: 'Weekly',
  start: { dateTime: '2026-01-05T10:00:00', timeZone: 'Europe/Berlin' },
  end: { dateTime: '2026-01-05T11:00:00', timeZone: 'Europe/Berlin' },
  recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'],
  ...more,
})

export const idsOf = ({ body }: Answer): readonly (string | undefined)[] => body.items.map(({ id }) => id)
