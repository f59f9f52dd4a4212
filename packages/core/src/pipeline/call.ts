import type { ConnectorError } from '../errors/connector-error.ts'
import type { Exchange } from '../connector/exchange.ts'
import type { LimitScope } from '../connector/limit.ts'
import type { Effect, RequestSpec } from '../connector/request.ts'
import type { Schema } from '../connector/schema.ts'
import type { StreamLimits } from '../connector/server-sent-events.ts'
import type { AnyTool } from '../connector/tool.ts'
import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signer } from '../ports/credential-source.ts'
import { withoutSecrets } from '../redaction/without-secrets.ts'

/** The options of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Time limit of the whole call in milliseconds, including waits and retries. @default timeouts.callMs, or the tool's */
  readonly timeoutMs?: number | undefined
  /** Correlates the call with the caller's logs, and is sent to the provider. @default a unique id, which is not sent */
  readonly requestId?: string | undefined
  /** The idempotency key of a write, if the provider supports one. @default a random key */
  readonly idempotencyKey?: string | undefined
  /** Maximum number of pages that `call` gathers before it returns `complete: false`. @default the tool's, or 25 */
  readonly maxPages?: number | undefined
  /** A `background` call waits for rate limits behind all others. @default 'normal' */
  readonly priority?: 'normal' | 'background' | undefined
}

/** The facts about a tool that the pipeline needs. */
export interface ToolFacts {
  readonly effect: Effect
  readonly idempotent?: boolean | undefined
  readonly idempotencyKey?: { readonly header: string } | undefined
  readonly input?: Schema | undefined
  readonly output?: Schema | undefined
  readonly timeoutMs?: number | undefined
  readonly reconcile?: string | undefined
  /** Returns the sentence that an approval screen shows, from the parsed input and `{ settings }`. */
  readonly preview?: AnyTool['preview']
  /** Returns the call that reverses this one, from `{ input, output }`. */
  readonly undo?: AnyTool['undo']
  /** The OAuth scopes that the tool needs. */
  readonly scopes?: readonly string[] | undefined
}

/** One tool call. Stages read it, and pass a changed copy to the next stage. */
export interface Call {
  readonly requestId: string
  readonly serverId: string
  readonly toolName: string
  readonly tool: ToolFacts
  readonly input: unknown
  readonly principal: Principal
  readonly connection: Connection
  /** The settings of the composition, overridden by those of the connection once the `resolve` stage has run. */
  readonly settings: object
  /** Signs this call instead of the stored credential: a credential that is verified before it is stored. */
  readonly candidate?: Signer | undefined
  readonly options: CallOptions
  /** The call's time limit, in milliseconds. */
  readonly limitMs: number
  /** The end of that limit, on the clock's monotonic scale. */
  readonly deadline: number
  readonly progress: CallProgress
  /** Performs the call. Runs after the last call stage. */
  readonly perform: (call: Call) => Promise<unknown>
}

/** The progress of a call. All copies of a call share it. */
export interface CallProgress {
  /** Number of requests that were started. It identifies the steps of a multi-step tool. */
  requests: number
  /** The credentials that requests were signed with. Responses may repeat their secrets. */
  readonly signers: Signer[]
}

/** Removes the secrets that the call was signed with from a failure. */
export function redactFailure<Failure>(failure: Failure, { progress: { signers } }: Call): Failure {
  return signers.length === 0 ? failure : (withoutSecrets(failure, secretsOf(signers)) as Failure)
}

/** Returns the secrets of all credentials that a call was signed with. */
export const secretsOf = (signers: readonly Signer[]): readonly string[] =>
  signers.flatMap((signer) => signer.secrets())

/**
 * One request of a call: its only request, a page or a step. All request stages share this object. A field that a stage
 * writes names that stage.
 */
export interface Attempt {
  readonly call: Call
  /** The unsigned request, or the opaque exchange of a service without HTTP. */
  readonly request: RequestSpec | Exchange
  readonly effect: Effect
  /** True if sending it twice has the same effect as sending it once. */
  readonly repeatable: boolean
  /** The key by which the provider recognizes this request if it is sent again. */
  readonly idempotencyKey: string | undefined
  /** The limits of a response that is returned as a byte stream. Undefined for any other response. */
  readonly streams: StreamLimits | undefined
  /** The stages' listeners for a stream that fails after its response. Undefined for any other response. */
  readonly onStreamFailure: Set<(attempt: Attempt, error: unknown) => void> | undefined
  /** The number of this attempt, starting at 1. `retry` sets it. */
  number: number
  /** Aborts this attempt on the caller's signal, on timeout, or when the client closes. `timeout` sets it. */
  signal: AbortSignal | undefined
  /** Attaches the credential. `authorize` sets it. */
  signer: Signer | undefined
  /** Restarts the time limit of this attempt after a sign of progress. `timeout` sets it. */
  extend: (() => void) | undefined
  /** True once the provider may have received the request. `send` sets it. */
  sent: boolean
  /** Returns the failure of an error status whose body has not arrived yet. `send` sets it. */
  refused: (() => ConnectorError | undefined) | undefined
  /** The scope that has to wait, from the connector's `failure`. `send` sets it, `rateLimit` reads it. */
  blocks: LimitScope | undefined
}

/** Returns the milliseconds left until the call's time limit. */
export const timeLeft = (call: Call, clock: Clock): number => call.deadline - clock.monotonic()

/** Returns the fields that identify an attempt in an event, without its input and its response. */
export const aboutAttempt = ({ call, request, number }: Attempt) => ({
  serverId: call.serverId,
  toolName: call.toolName,
  tenant: call.principal.tenant,
  connection: call.connection.name,
  requestId: call.requestId,
  method: request.method,
  attempt: number,
})
