import { ConnectorError } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import { createTokens } from './google-calendar/tokens.ts'
import { createBook } from './google-people/book.ts'
import type { Book } from './google-people/book.ts'
import type { ListPlace } from './google-people/connections.ts'
import { WRITABLE } from './google-people/contact.ts'
import type { SimulatedContact } from './google-people/contact.ts'
import { PeopleFailure } from './google-people/failure.ts'
import type { SimulatedPeopleReason } from './google-people/failure.ts'
import { createGroups } from './google-people/groups.ts'
import type { SimulatedContactGroup } from './google-people/groups.ts'
import { createOperations } from './google-people/operations.ts'
import { peopleCallOf } from './google-people/routes.ts'
import type { SimulatedPeopleOperation } from './google-people/routes.ts'
import { idOf, shown } from './google-people/shown.ts'
import type { SimulatedProviderOptions } from './simulated-provider.ts'

/** The account, and its faults. */
export interface SimulatedGooglePeopleOptions extends Pick<
  SimulatedProviderOptions,
  'lagMs' | 'failBefore' | 'failAfter' | 'stalePages' | 'repeatedPages' | 'emptyPages'
> {
  readonly clock: Clock
  /** Uniform in [0, 1). Decides every fault, so a seed replays it. */
  readonly random: () => number
  /** The bearer token that requests have to send. */
  readonly accessToken: string
  /**
   * Milliseconds after a full list in which its sync token, and those that follow it, are valid.
   * @default 604_800_000
   */
  readonly syncTokenLifeMs?: number | undefined
}

/** Failures of the next requests. */
export interface SimulatedPeopleFailure {
  readonly reason: SimulatedPeopleReason
  /** Fails only requests for this operation. */
  readonly operation?: SimulatedPeopleOperation | undefined
  /** Fails after the effect of the request, so its response is lost. @default false */
  readonly after?: boolean | undefined
  /** @default 1 */
  readonly count?: number | undefined
}

/** The contacts of an account at a simulated Google. */
export interface SimulatedGooglePeople {
  /** Responds to a request as the API does. */
  handle(request: Request): Promise<Response>

  /** Writes of the user in another app: they have no faults. Null empties a field. */
  insert(contact: SimulatedContact): SimulatedContact
  update(resourceName: string, changes: Readonly<Record<string, unknown>>): SimulatedContact
  remove(resourceName: string): void
  /** Gives a contact another resource name, as a new link with a profile does. Returns it. */
  rename(resourceName: string): SimulatedContact
  createGroup(name: string): SimulatedContactGroup
  /** Returns every contact. */
  contacts(): readonly SimulatedContact[]
  groups(): readonly SimulatedContactGroup[]

  expireSyncTokens(): void
  expirePageTokens(): void
  /** Replaces the bearer token. Requests with the previous one fail with `UNAUTHENTICATED`. */
  useAccessToken(token: string): void
  failNext(failure: SimulatedPeopleFailure): void
  /** Switches every random fault off, except the lag. */
  behave(): void

  /** Requests so far, by operation. */
  readonly requests: Readonly<Partial<Record<SimulatedPeopleOperation, number>>>
  /** Writes of clients that changed a contact. */
  writes(): number
}

const SYNC_TOKEN_LIFE_MS = 7 * 24 * 60 * 60 * 1000
const ALL: ReadonlySet<string> = new Set([...WRITABLE, 'metadata'])

/**
 * Creates a {@link SimulatedGooglePeople}: contacts and contact groups of version 1 of the API. Anything else responds with
 * 501 and the reason `notSimulated`.
 */
export function simulatedGooglePeople(options: SimulatedGooglePeopleOptions): SimulatedGooglePeople {
  const { clock, random, lagMs, failBefore, failAfter, stalePages, repeatedPages, emptyPages } = options
  const { now } = clock
  const groups = createGroups((): Book => book, now)
  const book: Book = createBook({
    now,
    random,
    faults: { lagMs, failBefore, failAfter, stalePages, repeatedPages, emptyPages },
    hasGroup: (name) => groups.has(name),
  })
  const pages = createTokens<ListPlace>('page', now, Number.POSITIVE_INFINITY)
  const syncs = createTokens<ListPlace>('sync', now, Number.POSITIVE_INFINITY)
  const run = createOperations({
    book,
    groups,
    now,
    pages,
    syncs,
    syncTokenLifeMs: options.syncTokenLifeMs ?? SYNC_TOKEN_LIFE_MS,
    me: 'people/1',
  })
  const requests: Partial<Record<SimulatedPeopleOperation, number>> = {}
  const failures: { readonly failure: SimulatedPeopleFailure; left: number }[] = []
  let accessToken = options.accessToken
  let made = 0

  /** Throws the next planned failure of an operation. */
  const failAsPlanned = (operation: SimulatedPeopleOperation, after: boolean): void => {
    const planned = failures.find(
      ({ failure, left }) =>
        left > 0 && (failure.after ?? false) === after && (failure.operation ?? operation) === operation,
    )
    if (planned === undefined) return
    planned.left--
    throw new PeopleFailure(planned.failure.reason)
  }
  const respond = async (request: Request): Promise<Response> => {
    const call = peopleCallOf(request)
    if (call === undefined) throw new PeopleFailure('notSimulated')
    requests[call.operation] = (requests[call.operation] ?? 0) + 1
    if (request.headers.get('authorization') !== `Bearer ${accessToken}`) throw new PeopleFailure('UNAUTHENTICATED')
    failAsPlanned(call.operation, false)
    const response = await run(call)
    failAsPlanned(call.operation, true)
    return response
  }

  return {
    async handle(request) {
      try {
        return await respond(request)
      } catch (error) {
        if (error instanceof PeopleFailure) return error.toResponse()
        // A random failure of the provider beneath.
        if (error instanceof ConnectorError) return new PeopleFailure('UNAVAILABLE').toResponse()
        throw error
      }
    },
    insert: (contact) => shown(book.put(`u${++made}`, contact), ALL),
    update(resourceName, changes) {
      if (book.provider.record(idOf(resourceName)) === undefined) throw new PeopleFailure('NOT_FOUND')
      return shown(book.put(idOf(resourceName), changes), ALL)
    },
    remove: (resourceName) => book.provider.drop(idOf(resourceName)),
    rename: (resourceName) => shown(book.rename(resourceName), ALL),
    createGroup: (name) => groups.create({ contactGroup: { name } }),
    contacts: () => book.provider.records().map((record) => shown(record, ALL)),
    groups: () => groups.all(),
    expireSyncTokens: () => syncs.expireAll(),
    expirePageTokens: () => pages.expireAll(),
    useAccessToken(token) {
      accessToken = token
    },
    failNext(failure) {
      failures.push({ failure, left: failure.count ?? 1 })
    },
    behave: () => book.provider.behave(),
    requests,
    writes: () => book.provider.writes(),
  }
}
