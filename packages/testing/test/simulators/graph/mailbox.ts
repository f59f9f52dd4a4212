import { loadVendorContract, vendorContracts } from '@mcpclient/testkit'
import type { Exchange } from '@mcpclient/testkit'
import { createFakeClock, seededRandom } from '../../../src/index.ts'
import { simulatedGraph } from '../../../src/simulators.ts'
import type { SimulatedGraphOptions } from '../../../src/simulators.ts'

type Item = Readonly<Record<string, unknown>> & { readonly id: string }

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The parsed body, or an empty object. */
  readonly body: Readonly<Record<string, unknown>> & {
    readonly id: string
    readonly value: readonly Item[]
    readonly '@odata.nextLink'?: string
    readonly '@odata.deltaLink'?: string
  }
  /** The code of a failure. */
  readonly code: string | undefined
}

const folder = vendorContracts()
/** Microsoft's description of the API; undefined on a machine without it. */
export const vendorContract = folder === undefined ? undefined : await loadVendorContract(folder, 'microsoft-graph')
/** The operations that were checked so far. */
export const checked = new Set<string>()

const ORIGIN = 'https://graph.microsoft.com/v1.0/'

/** Creates a mailbox with the token `secret`. Paths are relative to `/v1.0/`, or whole links. */
export function mailbox(options: Partial<SimulatedGraphOptions> = {}) {
  const clock = createFakeClock()
  const graph = simulatedGraph({ clock, random: seededRandom('mailbox'), accessToken: 'secret', ...options })
  const call = async (
    method: string,
    path: string,
    { body, headers }: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Answer> => {
    const url = path.startsWith('https:') ? path : ORIGIN + path
    const response = await graph.handle(
      new Request(url, {
        method,
        headers: { authorization: 'Bearer secret', prefer: 'IdType="ImmutableId"', ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
    const text = await response.text()
    const parsed = (text === '' ? {} : JSON.parse(text)) as Answer['body']
    if (response.ok) {
      const sent = body === undefined ? {} : { requestBody: body }
      const received = text === '' ? {} : { responseBody: parsed }
      checkExchange({ method, url, status: response.status, ...sent, ...received })
    }
    return { status: response.status, headers: response.headers, body: parsed, code: codeOf(parsed) }
  }
  return { clock, graph, call }
}

function checkExchange(exchange: Exchange): void {
  // The description spells the function with parentheses.
  const url = exchange.url.replace(/\/delta(?=\?|$)/, '/delta()')
  const found = vendorContract?.check({ ...exchange, url })
  if (found === undefined || found.op === null) return
  checked.add(found.op)
  const problems = found.problems.flatMap((problem) => problem.split('; ')).filter((problem) => !isQuirk(problem))
  if (problems.length > 0) throw new Error(`${exchange.method} ${url}: ${problems.join('; ')}`)
}

/**
 * Returns whether a finding is an error of the description: it has no tokens of links, requires a window beside them,
 * requires type names that Graph sends only with full metadata, and has another status for what is accepted.
 */
const isQuirk = (problem: string): boolean =>
  problem === 'undocumented status 202' ||
  /required property '@odata\.type'/.test(problem) ||
  /(?:query )?parameter \$?(?:skiptoken|deltatoken|startDateTime|endDateTime)/.test(problem)

const codeOf = (body: unknown): string | undefined =>
  (body as { readonly error?: { readonly code: string } }).error?.code

/** Returns an event on a day of November 2026, from 10:00 to 11:00 in Berlin. */
export const meeting = (day: number, more: object = {}) => ({
  subject: `Meeting ${day}`,
  start: { dateTime: `2026-11-${String(day).padStart(2, '0')}T10:00:00`, timeZone: 'Europe/Berlin' },
  end: { dateTime: `2026-11-${String(day).padStart(2, '0')}T11:00:00`, timeZone: 'Europe/Berlin' },
  ...more,
})

/** Returns a weekly series from Monday, 19 October 2026, 10:00 in Berlin: the clocks change after the first occurrence. */
export const series = (more: object = {}) => ({
  subject: 'Weekly',
  start: { dateTime: '2026-10-19T10:00:00', timeZone: 'Europe/Berlin' },
  end: { dateTime: '2026-10-19T11:00:00', timeZone: 'Europe/Berlin' },
  recurrence: {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'sunday' },
    range: {
      type: 'numbered',
      startDate: '2026-10-19',
      numberOfOccurrences: 5,
      recurrenceTimeZone: 'Europe/Berlin',
    },
  },
  ...more,
})

/** The parameters of November 2026. */
export const NOVEMBER = 'startDateTime=2026-11-01T00:00:00Z&endDateTime=2026-12-01T00:00:00Z'
