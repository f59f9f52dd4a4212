/** A point of time of an event: a day, or a time with an offset or a zone. */
export interface SimulatedEventTime {
  readonly date?: string | undefined
  readonly dateTime?: string | undefined
  readonly timeZone?: string | undefined
}

/** An event in Google's form. The named fields are those that the simulator reads; it stores every other one, too. */
export interface SimulatedEvent {
  readonly [field: string]: unknown
  readonly id?: string | undefined
  readonly etag?: string | undefined
  readonly status?: string | undefined
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly location?: string | undefined
  readonly start?: SimulatedEventTime | undefined
  readonly end?: SimulatedEventTime | undefined
  readonly recurrence?: readonly string[] | undefined
  /** The series of an exception. */
  readonly recurringEventId?: string | undefined
  readonly originalStartTime?: SimulatedEventTime | undefined
  readonly iCalUID?: string | undefined
  readonly sequence?: number | undefined
  readonly created?: string | undefined
  readonly updated?: string | undefined
  readonly transparency?: string | undefined
}

/** A calendar of the user. */
export interface SimulatedCalendarSettings {
  readonly id: string
  readonly summary: string
  /** IANA name of the zone in which events are spelled. */
  readonly timeZone: string
  /** @default 'owner' */
  readonly accessRole?: 'freeBusyReader' | 'reader' | 'writer' | 'owner' | undefined
}

export const isCancelled = ({ status }: SimulatedEvent): boolean => status === 'cancelled'

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
