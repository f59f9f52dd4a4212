/** The operations that the simulator has, by Google's name. */
export type SimulatedPeopleOperation =
  | 'people.connections.list'
  | 'people.get'
  | 'people.getBatchGet'
  | 'people.searchContacts'
  | 'people.createContact'
  | 'people.updateContact'
  | 'people.deleteContact'
  | 'people.batchCreateContacts'
  | 'people.batchUpdateContacts'
  | 'people.batchDeleteContacts'
  | 'contactGroups.list'
  | 'contactGroups.get'
  | 'contactGroups.create'
  | 'contactGroups.update'
  | 'contactGroups.delete'
  | 'contactGroups.members.modify'

/** A request for an operation. */
export interface PeopleCall {
  readonly operation: SimulatedPeopleOperation
  /** The resource name in the path: `people/c1`, or an empty string. */
  readonly name: string
  readonly parameters: URLSearchParams
  readonly request: Request
}

const routes: Readonly<Record<SimulatedPeopleOperation, readonly [string, RegExp]>> = {
  'people.connections.list': ['GET', /^(people\/me)\/connections$/],
  'people.getBatchGet': ['GET', /^people:batchGet$/],
  'people.searchContacts': ['GET', /^people:searchContacts$/],
  'people.createContact': ['POST', /^people:createContact$/],
  'people.batchCreateContacts': ['POST', /^people:batchCreateContacts$/],
  'people.batchUpdateContacts': ['POST', /^people:batchUpdateContacts$/],
  'people.batchDeleteContacts': ['POST', /^people:batchDeleteContacts$/],
  'people.updateContact': ['PATCH', /^(people\/[^/:]+):updateContact$/],
  'people.deleteContact': ['DELETE', /^(people\/[^/:]+):deleteContact$/],
  'people.get': ['GET', /^(people\/[^/:]+)$/],
  'contactGroups.list': ['GET', /^contactGroups$/],
  'contactGroups.create': ['POST', /^contactGroups$/],
  'contactGroups.get': ['GET', /^(contactGroups\/[^/:]+)$/],
  'contactGroups.update': ['PUT', /^(contactGroups\/[^/:]+)$/],
  'contactGroups.delete': ['DELETE', /^(contactGroups\/[^/:]+)$/],
  'contactGroups.members.modify': ['POST', /^(contactGroups\/[^/:]+)\/members:modify$/],
}

const BASE = '/v1/'

/** Returns the operation of a request. Undefined: the simulator does not have it. */
export function peopleCallOf(request: Request): PeopleCall | undefined {
  const { pathname, searchParams: parameters } = new URL(request.url)
  if (!pathname.startsWith(BASE) || parameters.has('fields')) return undefined
  for (const [operation, [method, pattern]] of Object.entries(routes)) {
    const [path, name = ''] = pattern.exec(pathname.slice(BASE.length)) ?? []
    if (method !== request.method || path === undefined) continue
    return { operation: operation as SimulatedPeopleOperation, name, parameters, request }
  }
  return undefined
}
