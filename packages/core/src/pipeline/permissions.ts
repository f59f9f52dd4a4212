import type { Effect, RequestSpec } from '../connector/request.ts'
import type { Principal } from '../identity/principal.ts'

/** Who may call what. Names are `server_id.tool_name`; `*` stands for any run of characters: `slack.*`, `*.list_*`. */
export interface Policy {
  /** Only these; absent: all. */
  readonly allow?: readonly string[] | undefined
  /** None of these, whatever `allow` says. */
  readonly deny?: readonly string[] | undefined
  /** Only tools of these effects; absent: all. */
  readonly effects?: readonly Effect[] | undefined
}

/** A write that waits for a yes. */
export interface Proposal {
  readonly principal: Principal
  readonly serverId: string
  readonly toolName: string
  readonly effect: Effect
  readonly requestId: string
  readonly input: unknown
  /** What would be sent, without any credential. */
  readonly request: Pick<RequestSpec, 'path' | 'query' | 'body' | 'headers'> & {
    readonly method: string
    readonly summary?: unknown
  }
}

export type Verdict = boolean | { readonly approved: boolean; readonly reason?: string }

export interface Permissions {
  /** One policy for everybody, or the policy of a principal. */
  readonly policy?: Policy | ((principal: Principal) => Policy | Promise<Policy>) | undefined
  /** Asked before each request that writes or destroys is sent; it sees the request as a value. */
  readonly approve?: ((proposal: Proposal) => Verdict | Promise<Verdict>) | undefined
}

/** Returns whether a function of the host returned a promise, including query builders, which are not a `Promise`. */
export const isThenable = <Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
