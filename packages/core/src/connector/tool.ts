import type { Effect } from './effect.ts'
import type { Limit } from './limit.ts'
import type { Pages } from './pages.ts'
import type { RequestSpec } from './request.ts'
import type { Input, Output, Schema } from './schema.ts'
import type { StreamReading } from './server-sent-events.ts'
import type { Run } from './steps.ts'

/** What a tool may know besides its input. */
export interface ToolContext<Settings> {
  /** The connector's settings: those of the composition, then those of the connection over them. */
  readonly settings: Settings
}

interface Described<In extends Schema, Out extends Schema, Needs> {
  /** For people and for AI agents: what the tool does, and what it does not. */
  readonly description: string
  readonly title?: string | undefined
  readonly input: In
  /** Also drops what nobody asked for, so that nothing unexpected reaches a caller or an agent. */
  readonly output: Out
  /** Sending it twice does the same as sending it once, so a write may be retried. */
  readonly idempotent?: boolean | undefined
  /** The header by which this provider recognises a repeated write, such as `Idempotency-Key`. */
  readonly idempotencyKey?: { readonly header: string } | undefined
  readonly scopes?: readonly string[] | undefined
  /** The limit that the provider documents for this tool. Tools that name the same limit share it, by its scope. */
  readonly limit?: Limit | undefined
  /** The settings that this tool reads; the compiler checks that its connector has them. */
  readonly settings?: Schema<Needs> | undefined
  readonly examples?: readonly { readonly input: Input<In>; readonly note?: string }[] | undefined
  /** Why not to use it any more, and what to use instead. */
  readonly deprecated?: string | undefined
  /** Milliseconds that one request of this tool may take. */
  readonly timeoutMs?: number | undefined
  /** How a caller finds out whether a write happened, after OUTCOME_UNKNOWN. */
  readonly reconcile?: string | undefined
}

/** One request. With `pages`, one request a page. With `stream`, one request whose answer is a stream of events. */
interface RequestShape<In extends Schema, Needs, P, S> {
  readonly request: (input: Output<In>, context: ToolContext<Needs>) => RequestSpec
  readonly pages?: P
  readonly stream?: S
  readonly run?: undefined
}

/** Several requests, one after the other, as a generator that stays pure. */
interface RunShape<In extends Schema, Out extends Schema, Needs> {
  readonly run: (input: Output<In>, context: ToolContext<Needs>) => Run<Input<Out>>
  readonly request?: undefined
  readonly pages?: undefined
  readonly stream?: undefined
}

export type Tool<
  In extends Schema = Schema,
  Out extends Schema = Schema,
  E extends Effect = Effect,
  Needs = unknown,
  P extends Pages | undefined = undefined,
  S extends StreamReading | undefined = undefined,
> = Described<In, Out, Needs> & { readonly effect: E } & (RequestShape<In, Needs, P, S> | RunShape<In, Out, Needs>)

/** A tool with its types erased. `never` is the honest top of a parameter. */
export interface AnyTool extends Described<Schema, Schema, unknown> {
  readonly effect: Effect
  readonly request?: ((input: never, context: never) => RequestSpec) | undefined
  readonly pages?: Pages | undefined
  readonly stream?: StreamReading | undefined
  readonly run?: ((input: never, context: never) => Run<unknown>) | undefined
}

/** Any tool that can run in a connector whose settings are `Settings`. */
export interface ToolFor<Settings> extends Omit<AnyTool, 'request' | 'run' | 'settings'> {
  readonly settings?: unknown
  readonly request?: ((input: never, context: ToolContext<Settings>) => RequestSpec) | undefined
  readonly run?: ((input: never, context: ToolContext<Settings>) => Run<unknown>) | undefined
}

/**
 * Describes one tool. It is data: the types of a host's call follow from it, and nothing runs until it is called.
 */
export function tool<
  In extends Schema,
  Out extends Schema,
  const E extends Effect,
  Needs = unknown,
  P extends Pages | undefined = undefined,
  S extends StreamReading | undefined = undefined,
>(definition: Tool<In, Out, E, Needs, P, S>): Tool<In, Out, E, Needs, P, S> {
  return definition
}
