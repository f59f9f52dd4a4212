import type { Effect, RequestSpec } from '../connector/request.ts'
import type { Principal } from '../identity/principal.ts'

/** The tools that a caller may use. Names are `server_id.tool_name`; `*` stands for any characters: `slack.*`, `*.list_*`. */
export interface Policy {
  /** Allows only these tools. @default all */
  readonly allow?: readonly string[] | undefined
  /** Denies these tools, even if `allow` lists them. @default none */
  readonly deny?: readonly string[] | undefined
  /** Allows only tools with these effects. @default all */
  readonly effects?: readonly Effect[] | undefined
}

/** A write that waits for approval. */
export interface Proposal {
  readonly principal: Principal
  readonly serverId: string
  readonly toolName: string
  readonly effect: Effect
  readonly requestId: string
  readonly input: unknown
  /** The sentence that the tool's author wrote for this input. Absent if there is none. */
  readonly preview?: string | undefined
  /** The request, without a credential. */
  readonly request: Pick<RequestSpec, 'path' | 'query' | 'body' | 'headers'> & {
    readonly method: string
    readonly summary?: unknown
  }
}

/** The decision of an approver. */
export type Verdict = boolean | { readonly approved: boolean; readonly reason?: string }

export interface Permissions {
  /** The policy of all principals, or a function that returns the policy of one. */
  readonly policy?: Policy | ((principal: Principal) => Policy | Promise<Policy>) | undefined
  /** Approves or denies a request that writes or destroys, before it is sent. */
  readonly approve?: ((proposal: Proposal) => Verdict | Promise<Verdict>) | undefined
}

/** Returns whether a value is a promise, or another thenable such as a query builder. */
export const isThenable = <Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
