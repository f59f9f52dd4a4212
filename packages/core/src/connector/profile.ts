import type { AuthStrategy } from '../auth/strategy.ts'
import type { Account } from '../identity/connection.ts'
import type { LimitDialect } from '../resilience/limit-headers.ts'
import type { Failure } from './error-table.ts'
import type { Exchange } from './exchange.ts'
import type { DeclaredLimit } from './limit.ts'
import { valueAt } from './reply.ts'
import type { Reply } from './reply.ts'
import type { RequestSpec } from './request.ts'

/** The description of a service without its tools. It contains data and pure functions only. */
export interface Profile<Settings = never> {
  /** The id in kebab-case, such as `google-calendar`. A configuration names the connector by it. */
  readonly id: string
  /** The name, as the provider spells it. */
  readonly name: string
  readonly description?: string | undefined
  /** The URL of the API's documentation. */
  readonly docs?: string | undefined
  readonly auth: AuthStrategy
  /** Additional hosts that requests and pagination links can use. `*.example.com` stands for all subdomains. */
  readonly hosts?: readonly string[] | undefined
  /** Headers of every request, such as the API version, or a pure function that returns them for the settings. */
  readonly headers?: HeadersOf<Settings> | undefined
  /** Content type of JSON bodies. @default 'application/json' */
  readonly jsonType?: string | undefined
  readonly limits?: readonly DeclaredLimit[] | undefined
  /** The format of times in the rate limit headers, if it cannot be detected. */
  readonly limitHeaders?: LimitDialect | undefined
  /** Returns the failure of a response, or undefined if the HTTP status decides. Pure. */
  readonly failure?: ((reply: Reply) => Failure | undefined) | undefined
  /** The request that verifies a credential and returns its account. */
  readonly check?: Check<Settings> | undefined
  /** Time limit of one request in milliseconds. It raises the default limit of a call. @default 30_000 */
  readonly timeoutMs?: number | undefined
}

/** Headers, or a function that returns them for the settings. A header that is undefined is not sent. */
export type HeadersOf<Settings> =
  | Readonly<Record<string, string>>
  | ((context: { readonly settings: Settings }) => Readonly<Record<string, string | undefined>>)

export interface Check<Settings = never> {
  readonly request: RequestSpec | Exchange | ((context: { readonly settings: Settings }) => RequestSpec | Exchange)
  /** Returns the account of the credential from the response body. Pure. */
  readonly account?: ((body: unknown) => Account | undefined) | undefined
}

/** The check of a connector, as an author defines it. */
export interface CheckDefinition<Settings = never> extends Omit<Check<Settings>, 'account'> {
  /** The account of the credential: paths in the response body, or a pure function of the body. */
  readonly account?: AccountPlaces | ((body: unknown) => Account | undefined) | undefined
}

/** The paths of an account's id and name in a response body. */
export interface AccountPlaces {
  /** The path of the id. The values of several paths are joined by colons: `['team_id', 'user_id']`. */
  readonly id: string | readonly string[]
  /** The path of the display name. The values of several paths are joined by commas. */
  readonly name?: string | readonly string[] | undefined
}

/** Converts an author's check to the form that the runtime uses. */
export function checkOf<Settings>({ account, ...check }: CheckDefinition<Settings>): Check {
  const read = typeof account === 'object' ? (body: unknown) => accountAt(body, account) : account
  // Types are erased: the settings were parsed by the schema that the request is typed with.
  return { ...(check as Pick<Check, 'request'>), ...(read && { account: read }) }
}

/** Returns the account in a body, or undefined if a part of its id is missing. */
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
