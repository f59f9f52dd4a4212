import type { SimulatedRecord } from '../../simulated-provider.ts'
import { createCollection } from '../collection.ts'
import type { Collection, Writer } from '../collection.ts'
import type { GraphContext } from '../context.ts'
import { removedItem } from '../delta.ts'
import { GraphFailure } from '../failure.ts'
import type { GraphPreferences } from '../preferences.ts'
import type { Fields } from '../routes.ts'
import { changesOf, contentOf, textOf } from './event-body.ts'
import { occurrencesOf } from './recurrence.ts'
import { instantAt, shownTime } from './times.ts'
import type { StoredTime } from './times.ts'

/** A calendar of the user. */
export interface SimulatedOutlookCalendar {
  readonly id: string
  readonly name: string
  /** Whether the user may write to it. @default true */
  readonly canEdit?: boolean | undefined
}

/** An interval, in milliseconds since the epoch. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** The events of one calendar. Series are stored as they are, their exceptions beside them, and their occurrences not at all. */
export interface Events {
  readonly calendar: SimulatedOutlookCalendar
  readonly collection: Collection
  /** Returns an event or an occurrence by its name, or undefined if there is none. */
  find(name: string): SimulatedRecord | undefined
  shown(record: SimulatedRecord, preferences: GraphPreferences): Fields
  create(body: Fields, by: Writer): Promise<SimulatedRecord>
  update(name: string, body: Fields, by: Writer): Promise<SimulatedRecord>
  remove(name: string, by: Writer): Promise<void>
  /** Returns the single events, occurrences and exceptions in a window, by start. */
  within(window: Window): readonly SimulatedRecord[]
  /** Returns the occurrences and exceptions of one series in a window, by start. */
  instances(series: SimulatedRecord, window: Window): readonly SimulatedRecord[]
  /** Returns what a delta page shows of a changed record. */
  changed(record: SimulatedRecord, window: Window, preferences: GraphPreferences, isFirst: boolean): readonly Fields[]
}

/** Fields that only the simulator knows. */
const OWN = ['series', 'day', 'cancelled'] as const

/** Creates the events of a calendar. */
export function createEvents(calendar: SimulatedOutlookCalendar, folder: number, context: GraphContext): Events {
  const resources = ['me/events', `me/calendars/${calendar.id}/events`, ...(folder === 0 ? ['me/calendar/events'] : [])]
  const collection = createCollection({ name: calendar.id, folder, type: 'event', resources }, context)
  const { provider } = collection
  const transactions = new Map<string, { readonly name: string; readonly body: string }>()

  const exceptionsOf = (name: string): readonly SimulatedRecord[] =>
    provider.records().filter(({ item }) => item['series'] === name)
  const occurrences = function* (series: SimulatedRecord): Generator<SimulatedRecord> {
    const cancelled = series.item['cancelled'] as readonly string[] | undefined
    for (const { day, start, end } of occurrencesOf(series.item)) {
      const id = occurrenceName(series.id, day)
      if (cancelled?.includes(day) === true || provider.record(id) !== undefined) continue
      const item = { ...series.item, recurrence: null, start, end, series: series.id, day, originalStart: iso(start) }
      yield { ...series, id, item }
    }
  }
  const find = (name: string): SimulatedRecord | undefined => {
    const stored = provider.record(name)
    const series = stored === undefined ? provider.record(name.split('.')[0] ?? '') : undefined
    if (series === undefined || !isSeries(series)) return stored
    for (const occurrence of occurrences(series)) if (occurrence.id === name) return occurrence
    return undefined
  }
  const current = (name: string): SimulatedRecord => {
    const record = find(name)
    if (record === undefined) throw new GraphFailure('ErrorItemNotFound')
    return record
  }
  const { asUser } = collection
  const assertWritable = (by: Writer): void => {
    if (calendar.canEdit === false && by !== asUser) throw new GraphFailure('ErrorAccessDenied')
  }
  const shown = (record: SimulatedRecord, { immutableIds, timeZone, body }: GraphPreferences): Fields => {
    const { item } = record
    const own = Object.fromEntries(Object.entries(item).filter(([field]) => !OWN.includes(field as 'day')))
    const isAllDay = item['isAllDay'] === true
    const etag = collection.etagOf(record)
    return {
      '@odata.etag': etag,
      ...own,
      id: collection.idOf(record.id, immutableIds),
      changeKey: etag.slice(3, -1),
      seriesMasterId: typeof item['series'] === 'string' ? collection.idOf(item['series'], immutableIds) : null,
      type: typeOf(record, provider.record(record.id) !== undefined),
      start: shownTime(item['start'] as StoredTime, timeZone, isAllDay),
      end: shownTime(item['end'] as StoredTime, timeZone, isAllDay),
      body: body === 'text' ? textOf(item['body']) : item['body'],
      bodyPreview: textOf(item['body'])['content'],
    }
  }

  return {
    calendar,
    collection,
    find,
    shown,
    async create(body, by) {
      assertWritable(by)
      const content = contentOf(body)
      const transaction = body['transactionId']
      const key = typeof transaction === 'string' ? transaction : undefined
      const known = key === undefined ? undefined : transactions.get(key)
      const existing = known && provider.record(known.name)
      if (existing !== undefined) {
        if (known?.body !== JSON.stringify(body)) throw new GraphFailure('ErrorDuplicateTransactionId')
        return existing
      }
      const name = collection.newName()
      if (key !== undefined) transactions.set(key, { name, body: JSON.stringify(body) })
      return by.create(name, {
        ...content,
        transactionId: key ?? null,
        createdDateTime: new Date(context.now()).toISOString(),
        iCalUId: `040000008200E00074C5B7101A82E008${name}`,
        webLink: `https://outlook.office365.com/owa/?itemid=${name}&exvsurl=1&path=/calendar/item`,
        isOrganizer: body['isOrganizer'] !== false || by !== asUser,
        isCancelled: false,
        hasAttachments: false,
        organizer: { emailAddress: { name: context.user, address: context.user } },
        responseStatus: { response: 'organizer', time: '0001-01-01T00:00:00Z' },
      })
    },
    async update(name, body, by) {
      assertWritable(by)
      const before = current(name)
      const changes = changesOf(before.item, body)
      by.check(before)
      // An occurrence that is changed becomes an exception.
      if (provider.record(name) === undefined) return by.create(name, { ...changes, recurrence: null })
      const isMoved = ['start', 'end', 'recurrence'].some((field) => !isEqual(before.item[field], changes[field]))
      // They end even if the response is lost.
      if (isMoved && isSeries(before)) for (const { id } of exceptionsOf(name)) await asUser.remove(id)
      return by.update(name, changes)
    },
    async remove(name, by) {
      assertWritable(by)
      const record = current(name)
      const series = record.item['series']
      if (typeof series !== 'string') {
        const exceptions = exceptionsOf(name)
        try {
          await by.remove(name)
        } finally {
          if (provider.record(name) === undefined) for (const { id } of exceptions) await asUser.remove(id)
        }
        return
      }
      by.check(record)
      const { item } = collection.current(series)
      const cancelled = [...((item['cancelled'] as readonly string[] | undefined) ?? []), record.item['day']]
      if (provider.record(name) !== undefined) await asUser.remove(name)
      await asUser.update(series, { ...item, cancelled })
    },
    within: (window) =>
      provider
        .records()
        .flatMap((record) => (isSeries(record) ? [...until(occurrences(record), window)] : [record]))
        .filter((record) => isWithin(record, window))
        .toSorted(byStart),
    instances: (series, window) =>
      [...until(occurrences(series), window), ...exceptionsOf(series.id)]
        .filter((record) => isWithin(record, window))
        .toSorted(byStart),
    changed(record, window, preferences, isFirst) {
      const idOf = (name: string): string => collection.idOf(name, preferences.immutableIds)
      const full = isWithin(record, window) ? [shown(record, preferences)] : []
      const stubs = isSeries(record)
        ? [...until(occurrences(record), window)]
            .filter((each) => isWithin(each, window))
            .map((each) => {
              const { start, end } = shown(each, preferences)
              const etag = collection.etagOf(record)
              const common = { '@odata.type': '#microsoft.graph.event', '@odata.etag': etag }
              return { ...common, id: idOf(each.id), seriesMasterId: idOf(record.id), type: 'occurrence', start, end }
            })
        : []
      const all = [...full, ...stubs]
      // Whatever happens outside of the window looks like a removal.
      return all.length > 0 || isFirst ? all : [removedItem(idOf(record.id))]
    },
  }
}

const occurrenceName = (series: string, day: string): string => `${series}.${day.replaceAll('-', '')}`

const isSeries = ({ item }: SimulatedRecord): boolean => item['recurrence'] !== null

const typeOf = (record: SimulatedRecord, isStored: boolean): string => {
  if (isSeries(record)) return 'seriesMaster'
  if (record.item['series'] === undefined) return 'singleInstance'
  return isStored ? 'exception' : 'occurrence'
}

const spanOf = ({ item }: SimulatedRecord): readonly [number, number] => [
  instantAt(item['start'] as StoredTime),
  instantAt(item['end'] as StoredTime),
]

function isWithin(record: SimulatedRecord, { from, to }: Window): boolean {
  const [start, end] = spanOf(record)
  return start < to && (end > from || (start === end && start >= from))
}

function* until(records: Iterable<SimulatedRecord>, { to }: Window): Generator<SimulatedRecord> {
  for (const record of records) {
    if (spanOf(record)[0] >= to) return
    yield record
  }
}

const byStart = (one: SimulatedRecord, other: SimulatedRecord): number => spanOf(one)[0] - spanOf(other)[0]

const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const iso = ({ dateTime }: StoredTime): string => `${dateTime.slice(0, 19)}Z`
