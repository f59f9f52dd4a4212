import type { AuthStrategy } from '../auth/strategy.ts'
import type { Account } from '../identity/connection.ts'
import type { LimitDialect } from '../resilience/limit-headers.ts'
import type { Failure } from './error-table.ts'
import type { Exchange } from './exchange.ts'
import type { DeclaredLimit } from './limit.ts'
import { valueAt } from './reply.ts'
import type { Reply } from './reply.ts'
import type { RequestSpec } from './request.ts'

/** Everything about a service that is not one of its tools. Data, or pure. */
export interface Profile<Settings = never> {
  /** kebab-case, such as `google-calendar`: the type by which a configuration names the connector. */
  readonly id: string
  /** As the provider writes it. */
  readonly name: string
  readonly description?: string | undefined
  /** Where a person reads about the service's API. */
  readonly docs?: string | undefined
  readonly auth: AuthStrategy
  /** Hosts besides the base URL's that requests and pagination links may go to; `*.example.com` for subdomains. */
  readonly hosts?: readonly string[] | undefined
  /** Sent with every request, such as the API version. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Content type of JSON bodies. @default 'application/json' */
  readonly jsonType?: string | undefined
  readonly limits?: readonly DeclaredLimit[] | undefined
  /** How this provider writes the time in its rate limit headers, where guessing would go wrong. */
  readonly limitHeaders?: LimitDialect | undefined
  /** Returns the failure that a response means. Undefined leaves it to the HTTP status. */
  readonly failure?: ((reply: Reply) => Failure | undefined) | undefined
  /** The request that proves a credential and names the account, as cheap as the provider has one. */
  readonly check?: Check<Settings> | undefined
  /** Milliseconds that one request may take; 30,000 unless said otherwise. */
  readonly timeoutMs?: number | undefined
}

export interface Check<Settings = never> {
  readonly request: RequestSpec | Exchange | ((context: { readonly settings: Settings }) => RequestSpec | Exchange)
  /** Returns whose credential it is. Pure. */
  readonly account?: ((body: unknown) => Account | undefined) | undefined
}

/** A check as an author writes it. */
export interface CheckDefinition<Settings = never> extends Omit<Check<Settings>, 'account'> {
  /** Whose credential it is: where the body says so, or a pure function of the body. */
  readonly account?: AccountPlaces | ((body: unknown) => Account | undefined) | undefined
}

/** Where a body says whose account it is. */
export interface AccountPlaces {
  /** Of several paths, the values are joined by colons: `['team_id', 'user_id']`. */
  readonly id: string | readonly string[]
  /** What a user calls it. Of several paths, the values that are there are joined by commas. */
  readonly name?: string | readonly string[] | undefined
}

/** Returns a check as the runtime reads it. */
export function checkOf<Settings>({ account, ...check }: CheckDefinition<Settings>): Check {
  const read = typeof account === 'object' ? (body: unknown) => accountAt(body, account) : account
  // Erased: the settings were parsed by the schema that the request is typed with.
  return { ...(check as Pick<Check, 'request'>), ...(read && { account: read }) }
}

/** Returns the account that a body names, or undefined if a part of its id is missing. */
export function accountAt(body: unknown, { id, name }: AccountPlaces): Account | undefined {
  const ids = [id].flat().map((place) => wordAt(body, place))
  if (ids.includes(undefined)) return undefined
  const names = [name ?? []].flat().map((place) => wordAt(body, place))
  return { id: ids.join(':'), name: names.filter((word) => word !== undefined).join(', ') || undefined }
}

function wordAt(body: unknown, place: string): string | undefined {
  const value = valueAt(body, place)
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
