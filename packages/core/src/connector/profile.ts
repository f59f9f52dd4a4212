import type { AuthStrategy } from '../auth/strategy.ts'
import type { ErrorCode } from '../errors/codes.ts'
import type { Account } from '../identity/connection.ts'
import type { LimitDialect } from '../resilience/limit-headers.ts'
import type { Exchange } from './exchange.ts'
import type { Reply } from './reply.ts'
import type { RequestSpec } from './request.ts'

/** Who shares a limit: everybody on this app, one tenant, one connection, or one tool of one connection. */
export type LimitScope = 'app' | 'tenant' | 'connection' | 'method'

/** One limit that the provider documents. A request waits until all the limits that it falls under have room. */
export interface Limit {
  readonly scope: LimitScope
  /** Requests allowed in `perMs` milliseconds. */
  readonly requests?: number | undefined
  readonly perMs?: number | undefined
  /** Requests that may come at once after a pause; `requests` unless said otherwise. */
  readonly burst?: number | undefined
  /** Requests that may be under way at once. */
  readonly concurrent?: number | undefined
  /** Only these tools fall under the limit; absent: all. */
  readonly tools?: readonly string[] | undefined
}

/** How a provider said no. */
export interface Failure {
  readonly code: ErrorCode
  /** One sentence for a person. Never put a header or a whole body in it. */
  readonly message: string
  readonly providerCode?: string | undefined
  /** Milliseconds; absent: what the headers say. */
  readonly retryAfterMs?: number | undefined
  /** The provider documents that a request answered so was not processed, so even a write may be sent again. */
  readonly notProcessed?: boolean | undefined
  /** Who has to wait after a rate limit; absent: the profile's `blocks`. */
  readonly blocks?: LimitScope | undefined
}

/** A provider's own habits: everything about a service that is not one of its tools. Data, or pure. */
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
  readonly limits?: readonly Limit[] | undefined
  /** Who has to wait when the provider answers "too many requests"; the connection unless said otherwise. */
  readonly blocks?: LimitScope | undefined
  /** How this provider writes the time in its rate limit headers, where guessing would go wrong. */
  readonly limitHeaders?: LimitDialect | undefined
  /** Says how an answer means no, 200 with `ok: false` included; undefined leaves it to the HTTP status. */
  readonly failure?: ((reply: Reply) => Failure | undefined) | undefined
  /** Statuses by which this provider says that it did not process the request, so that a write may be sent again. */
  readonly notProcessed?: readonly number[] | undefined
  /** The request that proves a credential and names the account, as cheap as the provider has one. */
  readonly check?: Check<Settings> | undefined
  /** Milliseconds that one request may take; 30,000 unless said otherwise. */
  readonly timeoutMs?: number | undefined
}

export interface Check<Settings = never> {
  readonly request: RequestSpec | Exchange | ((context: { readonly settings: Settings }) => RequestSpec | Exchange)
  /** Whose credential it is, out of the answer's body. */
  readonly account?: (body: unknown) => Account | undefined
}
