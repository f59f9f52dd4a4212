/** The operations that the simulator has, by Google's name. */
export type SimulatedOperation =
  | 'events.list'
  | 'events.insert'
  | 'events.watch'
  | 'events.get'
  | 'events.patch'
  | 'events.update'
  | 'events.delete'
  | 'events.instances'
  | 'channels.stop'
  | 'freebusy.query'
  | 'calendarList.list'
  | 'calendarList.get'

/** A request for an operation. */
export interface Call {
  readonly operation: SimulatedOperation
  readonly calendarId: string
  readonly eventId: string
  readonly parameters: URLSearchParams
  readonly request: Request
}

const routes: Readonly<Record<SimulatedOperation, readonly [string, RegExp]>> = {
  'events.list': ['GET', /^\/calendars\/([^/]+)\/events$/],
  'events.insert': ['POST', /^\/calendars\/([^/]+)\/events$/],
  'events.watch': ['POST', /^\/calendars\/([^/]+)\/events\/watch$/],
  'events.get': ['GET', /^\/calendars\/([^/]+)\/events\/([^/]+)$/],
  'events.patch': ['PATCH', /^\/calendars\/([^/]+)\/events\/([^/]+)$/],
  'events.update': ['PUT', /^\/calendars\/([^/]+)\/events\/([^/]+)$/],
  'events.delete': ['DELETE', /^\/calendars\/([^/]+)\/events\/([^/]+)$/],
  'events.instances': ['GET', /^\/calendars\/([^/]+)\/events\/([^/]+)\/instances$/],
  'channels.stop': ['POST', /^\/channels\/stop$/],
  'freebusy.query': ['POST', /^\/freeBusy$/],
  'calendarList.list': ['GET', /^\/users\/me\/calendarList$/],
  'calendarList.get': ['GET', /^\/users\/me\/calendarList\/([^/]+)$/],
}

const BASE = '/calendar/v3'

/** Returns the operation of a request. Undefined: the simulator does not have it. */
export function callOf(request: Request): Call | undefined {
  const { pathname, searchParams: parameters } = new URL(request.url)
  if (!pathname.startsWith(`${BASE}/`) || parameters.has('fields')) return undefined
  for (const [operation, [method, pattern]] of Object.entries(routes)) {
    const [path, calendarId = '', eventId = ''] = pattern.exec(pathname.slice(BASE.length)) ?? []
    if (method !== request.method || path === undefined) continue
    return {
      operation: operation as SimulatedOperation,
      calendarId: decoded(calendarId),
      eventId: decoded(eventId),
      parameters,
      request,
    }
  }
  return undefined
}

/** Returns a segment of a path as text, or as it is if it is not encoded properly. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
