import type { SimulatedRecord } from '../simulated-provider.ts'
import type { Book } from './book.ts'
import { listConnections, pageSizeOf } from './connections.ts'
import type { ConnectionsContext } from './connections.ts'
import { isObject, maskOf, readMask } from './contact.ts'
import type { SimulatedContact } from './contact.ts'
import { invalidArgument, PeopleFailure } from './failure.ts'
import { namesIn } from './groups.ts'
import type { Groups } from './groups.ts'
import type { PeopleCall, SimulatedPeopleOperation } from './routes.ts'
import { shown } from './shown.ts'

type Fields = Readonly<Record<string, unknown>>

export interface OperationsContext extends ConnectionsContext {
  readonly groups: Groups
  /** The resource name of the user's own profile. */
  readonly me: string
}

const MAX_BATCH = 200
const MAX_DELETED = 500
const MAX_FOUND = 30
const DEFAULT_FOUND = 10
const DEFAULT_GROUPS = 30

/** Creates the operations of an account. */
export function createOperations(context: OperationsContext): (call: PeopleCall) => Promise<Response> {
  const { book, groups, me } = context
  /** The contacts that a search finds. An empty one updates them. */
  let index: readonly SimulatedRecord[] = []

  const operations: Readonly<Record<SimulatedPeopleOperation, (call: PeopleCall) => Response | Promise<Response>>> = {
    'people.connections.list': ({ parameters }) => listConnections(parameters, context),
    async 'people.get'({ name, parameters }) {
      const mask = maskOf(parameters.get('personFields'), 'personFields')
      if (name === 'people/me') return Response.json({ resourceName: me, etag: '%me' })
      return Response.json(shown(await book.read(name), mask))
    },
    async 'people.getBatchGet'({ parameters }) {
      const mask = maskOf(parameters.get('personFields'), 'personFields')
      const names = parameters.getAll('resourceNames')
      assertCount(names.length, MAX_BATCH)
      const responses = []
      for (const name of names) responses.push(await found(book, name, mask))
      return Response.json({ responses })
    },
    'people.searchContacts'({ parameters }) {
      const mask = maskOf(parameters.get('readMask'), 'readMask')
      const query = parameters.get('query') ?? ''
      if (query === '') {
        index = book.provider.records()
        return Response.json({})
      }
      const results = index.filter((record) => matches(record.item, query.toLowerCase()))
      const size = Math.min(pageSizeOf(parameters, DEFAULT_FOUND), MAX_FOUND)
      const shownResults = results.slice(0, size).map((record) => ({ person: shown(record, mask) }))
      return Response.json(shownResults.length > 0 ? { results: shownResults } : {})
    },
    async 'people.createContact'({ parameters, request }) {
      const mask = readMask(parameters.get('personFields'), 'personFields')
      return Response.json(shown(await book.create(await bodyOf(request)), mask))
    },
    async 'people.updateContact'({ name, parameters, request }) {
      const mask = readMask(parameters.get('personFields'), 'personFields')
      const updated = await book.update(name, await bodyOf(request), parameters.get('updatePersonFields'))
      return Response.json(shown(updated, mask))
    },
    async 'people.deleteContact'({ name }) {
      await book.remove(name)
      return Response.json({})
    },
    async 'people.batchCreateContacts'({ request }) {
      const { contacts, readMask: fields } = await bodyOf(request)
      const list: readonly unknown[] = Array.isArray(contacts) ? contacts : []
      assertCount(list.length, MAX_BATCH)
      const mask = maskOf(fields, 'readMask')
      const createdPeople = []
      for (const each of list) {
        const body = isObject(each) && isObject(each['contactPerson']) ? each['contactPerson'] : {}
        createdPeople.push(succeeded(shown(await book.create(body), mask)))
      }
      return Response.json({ createdPeople })
    },
    async 'people.batchUpdateContacts'({ request }) {
      const { contacts, readMask: fields, updateMask } = await bodyOf(request)
      const entries = Object.entries(isObject(contacts) ? contacts : {})
      assertCount(entries.length, MAX_BATCH)
      const mask = maskOf(fields, 'readMask')
      const bodies = entries.map(([name, body]) => [name, isObject(body) ? body : {}] as const)
      // Either all or none.
      for (const [name, body] of bodies) book.check(name, body, updateMask)
      const updateResult: Record<string, Fields> = {}
      for (const [name, body] of bodies) {
        updateResult[name] = succeeded(shown(await book.update(name, body, updateMask), mask))
      }
      return Response.json({ updateResult })
    },
    async 'people.batchDeleteContacts'({ request }) {
      const names = namesIn((await bodyOf(request))['resourceNames'])
      assertCount(names.length, MAX_DELETED)
      for (const name of names) await book.remove(name)
      return Response.json({})
    },
    'contactGroups.list'({ parameters }) {
      if (parameters.has('syncToken')) throw new PeopleFailure('notSimulated')
      const size = pageSizeOf(parameters, DEFAULT_GROUPS)
      const from = Number(parameters.get('pageToken') ?? 0)
      const all = groups.all()
      const isLast = from + size >= all.length
      return Response.json({
        contactGroups: all.slice(from, from + size),
        totalItems: all.length,
        ...(!isLast && { nextPageToken: String(from + size) }),
      })
    },
    'contactGroups.get': ({ name, parameters }) =>
      Response.json(groups.get(name, Number(parameters.get('maxMembers') ?? 0))),
    'contactGroups.create': async ({ request }) => Response.json(groups.create(await bodyOf(request))),
    'contactGroups.update': async ({ name, request }) => Response.json(groups.rename(name, await bodyOf(request))),
    'contactGroups.delete'({ name, parameters }) {
      groups.remove(name, parameters.get('deleteContacts') === 'true')
      return Response.json({})
    },
    'contactGroups.members.modify': async ({ name, request }) =>
      Response.json(groups.modify(name, await bodyOf(request))),
  }
  return async (call) => operations[call.operation](call)
}

/** Parses a JSON body. */
async function bodyOf(request: Request): Promise<Fields> {
  const body: unknown = await request.json().catch(() => undefined)
  if (!isObject(body)) throw invalidArgument('Invalid JSON payload received.')
  return body
}

function assertCount(count: number, max: number): void {
  if (count === 0 || count > max) throw invalidArgument(`Pass 1 to ${max} contacts.`)
}

const succeeded = (person: SimulatedContact): Fields => ({
  httpStatusCode: 200,
  person,
  requestedResourceName: person.resourceName,
  status: {},
})

async function found(book: Book, name: string, mask: ReadonlySet<string>): Promise<Fields> {
  try {
    return { ...succeeded(shown(await book.read(name), mask)), requestedResourceName: name }
  } catch (error) {
    if (!(error instanceof PeopleFailure)) throw error
    const status = { code: 5, message: error.message }
    return { httpStatusCode: 404, requestedResourceName: name, status }
  }
}

/** Fields that a search looks at. */
const SEARCHED = ['names', 'nicknames', 'emailAddresses', 'phoneNumbers', 'organizations']

/** Returns whether a phrase of a contact begins with the query. */
function matches(item: Fields, query: string): boolean {
  const entries = SEARCHED.flatMap((field) => (item[field] as readonly Fields[] | undefined) ?? [])
  return entries.some((entry) => {
    const texts = Object.values(entry).filter((value) => typeof value === 'string')
    const words = texts.join(' ').toLowerCase().split(/\s+/)
    return words.some((_word, at) => words.slice(at).join(' ').startsWith(query))
  })
}
