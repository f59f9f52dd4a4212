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

/** What a caller may say about one call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that the call may take in all, waiting and retries included; 120,000 unless said otherwise. */
  readonly timeoutMs?: number | undefined
  /** Correlates the call with the caller's own logs; passed on to the provider. Made up if absent. */
  readonly requestId?: string | undefined
  /** Lets a write be retried, at providers that have such keys. */
  readonly idempotencyKey?: string | undefined
  /** Pages that `call` gathers from a paged tool before it answers `complete: false`. */
  readonly maxPages?: number | undefined
  /** A `background` call waits for rate limits behind all others. @default 'normal' */
  readonly priority?: 'normal' | 'background' | undefined
}

/** What the pipeline has to know of a tool. */
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
  /** What a grant has to allow. */
  readonly scopes?: readonly string[] | undefined
}

/** One tool call on its way from the caller down. Stages read it, and pass on a changed copy. */
export interface Call {
  readonly requestId: string
  readonly serverId: string
  readonly toolName: string
  readonly tool: ToolFacts
  readonly input: unknown
  readonly principal: Principal
  readonly connection: Connection
  /** The composition's settings with the connection's over them. The `resolve` stage adds the latter. */
  readonly settings: object
  /** Signs this call in place of the stored credential: a credential that is being verified before it is stored. */
  readonly candidate?: Signer | undefined
  readonly options: CallOptions
  /** When the call must have ended, on the clock's monotonic scale. */
  readonly deadline: number
  readonly progress: CallProgress
  /** The last of the call's stages. */
  readonly perform: (call: Call) => Promise<unknown>
}

/** What a call has done so far. All copies of a call share it. */
export interface CallProgress {
  /** Requests that have begun. It identifies the steps of a multi-step tool. */
  requests: number
  /** The credentials that requests were signed with, whose secrets a response may repeat. */
  readonly signers: Signer[]
}

/** Returns the failure without the secrets that the call was signed with. */
export function redactFailure<Failure>(failure: Failure, { progress: { signers } }: Call): Failure {
  return signers.length === 0 ? failure : (withoutSecrets(failure, secretsOf(signers)) as Failure)
}

/** Returns the secrets of all credentials that a call was signed with. */
export const secretsOf = (signers: readonly Signer[]): readonly string[] =>
  signers.flatMap((signer) => signer.secrets())

/**
 * One request of a call: its only one, a page, a step. The stages of the second list share this object; each field
 * says who writes it.
 */
export interface Attempt {
  readonly call: Call
  /** What would go over the wire, before anything is signed; or the one opaque exchange of a service without HTTP. */
  readonly request: RequestSpec | Exchange
  readonly effect: Effect
  /** Whether sending it twice does the same as sending it once. */
  readonly repeatable: boolean
  /** By which the provider recognises this very request when it is sent again. */
  readonly idempotencyKey: string | undefined
  /** Hand the response over as a byte stream, within these limits. */
  readonly streams: StreamLimits | undefined
  /** How often it has been sent or refused; `retry` counts. */
  number: number
  /** Ends this attempt: the caller's signal, the time limit, the closing of the client. `timeout` sets it. */
  signal: AbortSignal | undefined
  /** Attaches the credential. `authorize` sets it. */
  signer: Signer | undefined
  /** Starts the time limit of this attempt anew: the service has shown that it is at work. `timeout` sets it. */
  extend: (() => void) | undefined
  /** True from the moment when the provider may have seen the request. `send` sets it. */
  sent: boolean
  /** The failure that an error status means, while its body is still on the way. `send` sets it. */
  refused: (() => ConnectorError | undefined) | undefined
  /** The scope that the connector's `failure` asks to pause. `send` sets it, `rateLimit` reads it. */
  blocks: LimitScope | undefined
}

/** Milliseconds left until the call must have ended. */
export const timeLeft = (call: Call, clock: Clock): number => call.deadline - clock.monotonic()

/** What names an attempt in an event: never its input, never its answer. */
export const aboutAttempt = ({ call, request, number }: Attempt) => ({
  serverId: call.serverId,
  toolName: call.toolName,
  tenant: call.principal.tenant,
  connection: call.connection.name,
  requestId: call.requestId,
  method: request.method,
  attempt: number,
})
