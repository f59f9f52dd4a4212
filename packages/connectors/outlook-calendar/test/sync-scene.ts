import { GRAPH_TOKEN, graphScene } from '@mcpclient/testkit'
import type { GraphSceneOptions } from '@mcpclient/testkit'
import { outlookCalendar } from '../src/index.ts'

export const PARAMS = { from: '2026-11-01T00:00:00Z', to: '2027-02-01T00:00:00Z' }

/** Composes a client with one calendar, a table and a simulated Graph. */
export function setUp(options: Omit<GraphSceneOptions, 'sync' | 'params'> = {}) {
  const scene = graphScene(outlookCalendar({ token: GRAPH_TOKEN }), { sync: 'events', params: PARAMS, ...options })
  const { graph, table } = scene
  return {
    ...scene,
    events: graph.events(),
    /** Returns the id of the row with this title. */
    rowOf: (subject: string) => table.idWhere((row) => row['subject'] === subject),
    subjects: () =>
      table
        .rows()
        .map(({ subject }) => String(subject))
        .toSorted((one, other) => one.localeCompare(other)),
  }
}

/** Returns an event on a day of November 2026, from 10:00 to 11:00 in UTC. */
export const meeting = (subject: string, day = 5, more: object = {}) => {
  const date = `2026-11-${String(day).padStart(2, '0')}`
  const at = (hour: string) => ({ dateTime: `${date}T${hour}:00:00.0000000`, timeZone: 'UTC' })
  return { subject, start: at('10'), end: at('11'), ...more }
}

/** Returns a weekly series from a Monday, 14:10 in New York. */
export const series = (subject: string, startDate: string) => ({
  subject,
  start: { dateTime: `${startDate}T14:10:00`, timeZone: 'America/New_York' },
  end: { dateTime: `${startDate}T14:25:00`, timeZone: 'America/New_York' },
  recurrence: {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'sunday' },
    range: { type: 'numbered', startDate, numberOfOccurrences: 20, recurrenceTimeZone: 'America/New_York' },
  },
})
