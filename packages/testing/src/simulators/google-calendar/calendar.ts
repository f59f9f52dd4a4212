import { simulatedProvider } from '../simulated-provider.ts'
import type { SimulatedProvider, SimulatedProviderOptions, SimulatedRecord } from '../simulated-provider.ts'
import { clientId, contentOf, patchedContent } from './event-body.ts'
import { GoogleFailure } from './failure.ts'
import { occurrencesOf } from './recurrence.ts'
import { isCancelled } from './resource.ts'
import type { SimulatedCalendarSettings, SimulatedEvent } from './resource.ts'

type Fields = Readonly<Record<string, unknown>>

/** The writes of a client of the API, with faults and conditions, or those of another user. */
export interface Writer {
  create(id: string, item: SimulatedEvent): Promise<SimulatedRecord>
  update(id: string, item: SimulatedEvent): Promise<SimulatedRecord>
  /** Throws unless the write is based on this version. */
  check(etag: string | undefined): void
}

export interface CalendarContext {
  readonly now: () => number
  readonly random: () => number
  readonly origin: string
  readonly user: string
  readonly faults: Partial<SimulatedProviderOptions>
  /** Called after each change of a calendar. */
  readonly onChange: (calendar: Calendar) => void
}

/** The events of one calendar. Deleted ones stay, with the status `cancelled`. */
export interface Calendar {
  readonly settings: SimulatedCalendarSettings
  readonly provider: SimulatedProvider
  /** Returns an event as a user sees it, or an occurrence of a series. */
  find(id: string): SimulatedEvent | undefined
  /** Returns an event as a request reads it, with lag and failures. */
  read(id: string): Promise<SimulatedEvent | undefined>
  insert(body: Fields, by: Writer): Promise<SimulatedEvent>
  patch(id: string, body: Fields, by: Writer): Promise<SimulatedEvent>
  replace(id: string, body: Fields, by: Writer): Promise<SimulatedEvent>
  remove(id: string, by: Writer): Promise<void>
  asClient(ifMatch: string | null): Writer
  readonly asUser: Writer
}

/** Returns the event of a stored record. */
export const eventOf = ({ item, version }: SimulatedRecord): SimulatedEvent => ({ ...item, etag: version })

export function createCalendar(settings: SimulatedCalendarSettings, context: CalendarContext): Calendar {
  const { now, random } = context
  const zone = settings.timeZone
  const provider = simulatedProvider({
    now,
    random,
    creates: 'ids',
    etags: true,
    tombstones: true,
    revisions: false,
    ...context.faults,
    // A field that an update removes has no value.
    normalize: (item) => Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)),
  })

  const stored = (id: string): SimulatedEvent | undefined => {
    const record = provider.record(id)
    return record && eventOf(record)
  }
  /** Returns an occurrence that is not an exception: nothing is stored for it. */
  const occurrence = (id: string): SimulatedEvent | undefined => {
    const series = stored(/^(.+)_\d{8}(?:T\d{6}Z)?$/.exec(id)?.[1] ?? '')
    if (series?.recurrence === undefined || isCancelled(series)) return undefined
    for (const each of occurrencesOf(series, zone)) if (each.id === id) return instanceOf(series, each)
    return undefined
  }
  const find = (id: string): SimulatedEvent | undefined => stored(id) ?? occurrence(id)

  /** Runs after the effect of a write, even if its response is lost. The end of a series, and its return, concern its exceptions. */
  const afterWrite = (id: string, before: SimulatedEvent | undefined): void => {
    const event = stored(id)
    const isEnd = event !== undefined && isCancelled(event)
    if (event?.recurrence !== undefined && isEnd !== (before !== undefined && isCancelled(before))) {
      for (const record of provider.records()) {
        if (record.item['recurringEventId'] !== id) continue
        provider.put(record.id, { updated: isoNow(), ...(isEnd && { status: 'cancelled' }) })
      }
    }
    context.onChange(self)
  }
  const isoNow = (): string => new Date(now()).toISOString()

  const asClient = (ifMatch: string | null): Writer => {
    if (!WRITERS.includes(settings.accessRole ?? 'owner')) throw new GoogleFailure('requiredAccessLevel')
    const write = async (id: string, send: () => ReturnType<SimulatedProvider['update' | 'create']>) => {
      const before = stored(id)
      const count = provider.writes()
      const response = send()
      if (provider.writes() > count) afterWrite(id, before)
      const result = await response
      if (!('code' in result)) return result
      throw new GoogleFailure(
        ({ exists: 'duplicate', gone: 'notFound', conflict: 'conditionNotMet' } as const)[result.code],
      )
    }
    return {
      create: (id, item) => write(id, () => provider.create(item, { id })),
      update: (id, item) => write(id, () => provider.update(id, item, {})),
      check: (etag) => {
        if (ifMatch !== null && ifMatch !== '*' && ifMatch !== etag) throw new GoogleFailure('conditionNotMet')
      },
    }
  }
  const asUser: Writer = {
    async create(id, item) {
      if (provider.record(id) !== undefined) throw new GoogleFailure('duplicate')
      return asUser.update(id, item)
    },
    async update(id, item) {
      const before = stored(id)
      provider.put(id, item)
      afterWrite(id, before)
      return provider.record(id) ?? { id, item }
    },
    check: () => {},
  }

  /** Writes the next content of an event, or of an occurrence, which becomes an exception. */
  const save = async (
    id: string,
    before: SimulatedEvent,
    content: SimulatedEvent,
    by: Writer,
  ): Promise<SimulatedEvent> => {
    by.check(before.etag)
    const isMoved = !isEqual(
      [before.start, before.end, before.recurrence],
      [content.start, content.end, content.recurrence],
    )
    const identity = Object.fromEntries(IDENTITY.map((field) => [field, before[field]]))
    const next: SimulatedEvent = {
      ...content,
      ...identity,
      sequence: Math.max(before.sequence ?? 0, content.sequence ?? 0) + (isMoved ? 1 : 0),
      updated: onlyReminders(before, content) ? before.updated : isoNow(),
    }
    if (stored(id) === undefined) return eventOf(await by.create(id, next))
    const emptied = Object.fromEntries(Object.keys(before).map((field) => [field, undefined]))
    return eventOf(await by.update(id, { ...emptied, ...next }))
  }
  /** Returns the event that a client changes. A deleted one can only be restored, by its status. */
  const changeable = (id: string, { status }: Fields): SimulatedEvent => {
    const event = find(id)
    if (event === undefined) throw new GoogleFailure('notFound')
    const isRestored = status === 'confirmed' || status === 'tentative'
    if (isCancelled(event) && !isRestored) throw new GoogleFailure('forbidden')
    return event
  }

  const self: Calendar = {
    settings,
    provider,
    find,
    async read(id) {
      const result = await provider.get(id)
      return 'code' in result ? occurrence(id) : eventOf(result)
    },
    async insert(body, by) {
      const id = clientId(body) ?? newId(random)
      const content = contentOf(body, zone)
      const owner = { email: context.user, self: true }
      const at = isoNow()
      return eventOf(
        await by.create(id, {
          status: 'confirmed',
          eventType: 'default',
          iCalUID: `${id}@google.com`,
          sequence: 0,
          reminders: { useDefault: true },
          ...content,
          kind: 'calendar#event',
          id,
          htmlLink: `${context.origin}/calendar/event?eid=${id}`,
          created: at,
          updated: at,
          creator: owner,
          organizer: owner,
        }),
      )
    },
    async patch(id, body, by) {
      const event = changeable(id, body)
      return save(id, event, patchedContent(event, body, zone), by)
    },
    async replace(id, body, by) {
      const event = changeable(id, body)
      const { eventType, iCalUID } = event
      return save(id, event, { status: 'confirmed', eventType, iCalUID, ...contentOf(body, zone) }, by)
    },
    async remove(id, by) {
      const event = find(id)
      if (event === undefined) throw new GoogleFailure('notFound')
      if (isCancelled(event)) throw new GoogleFailure('deleted')
      await save(id, event, { ...event, etag: undefined, status: 'cancelled' }, by)
    },
    asClient,
    asUser,
  }
  return self
}

/** Returns an occurrence of a series as an event of its own. */
export const instanceOf = (
  series: SimulatedEvent,
  { id, start, end }: Pick<SimulatedEvent, 'id' | 'start' | 'end'>,
): SimulatedEvent => {
  const { recurrence: _, ...event } = series
  return { ...event, id, start, end, recurringEventId: series.id, originalStartTime: start }
}

/** Fields that no write changes. */
const IDENTITY = [
  'kind',
  'id',
  'htmlLink',
  'created',
  'creator',
  'organizer',
  'recurringEventId',
  'originalStartTime',
] as const

const WRITERS = ['owner', 'writer']

const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Returns whether a change leaves all but the reminders, which do not count as a change of the event. */
function onlyReminders(before: SimulatedEvent, content: SimulatedEvent): boolean {
  const changed = Object.keys({ ...before, ...content }).filter(
    (field) => !FIXED.has(field) && !isEqual(before[field], content[field]),
  )
  return changed.length > 0 && changed.every((field) => field === 'reminders')
}

const FIXED: ReadonlySet<string> = new Set([...IDENTITY, 'etag', 'updated', 'sequence'])

/** Returns an id like those that Google makes: 26 characters of base32hex. */
function newId(random: () => number): string {
  return Array.from({ length: 26 }, () => Math.floor(random() * 32).toString(32)).join('')
}
