import type { Effect, RequestSpec } from '../connector/request.ts'
import type { Run } from '../connector/steps.ts'

/** Requests that a capability sends for a connection. */
export interface ClientOperation {
  /** The name of the call in permissions, errors, logs and the audit, such as `webhook_subscribe`. */
  readonly name: string
  readonly effect: Effect
  /** Whether sending it twice does the same as sending it once, so that it may be retried. */
  readonly idempotent: boolean
  /** Scopes that the grant must have. */
  readonly scopes?: readonly string[] | undefined
  readonly request: (context: { readonly settings: object }) => RequestSpec | Run<unknown>
  readonly signal?: AbortSignal | undefined
}
