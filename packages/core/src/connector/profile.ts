import type { AuthStrategy } from '../auth/strategy.ts'
import type { Account } from '../identity/connection.ts'
import type { LimitDialect } from '../resilience/limit-headers.ts'
import type { Failure } from './error-table.ts'
import type { Exchange } from './exchange.ts'
import type { DeclaredLimit } from './limit.ts'
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
  /** Whose credential it is, out of the answer's body. */
  readonly account?: (body: unknown) => Account | undefined
}
