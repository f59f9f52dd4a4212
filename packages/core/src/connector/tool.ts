import type { Principal } from '../identity/principal.ts'
import type { ExchangeContext } from './exchange.ts'
import type { Limit } from './limit.ts'
import type { Pages } from './pages.ts'
import type { Effect, RequestSpec } from './request.ts'
import type { Input, Output, Schema } from './schema.ts'
import type { StreamReading } from './server-sent-events.ts'
import type { Run } from './steps.ts'

/** The context that a tool's functions receive in addition to the input. */
export interface ToolContext<Settings> {
  /** The connector's settings: those of the composition, overridden by those of the connection. */
  readonly settings: Settings
}

/** The context that `perform` receives in addition to the input. */
export interface PerformContext<Settings = unknown> extends ToolContext<Settings>, ExchangeContext {
  readonly principal: Principal
  /** The name of the tenant's account: the argument of `at()`, or `default`. */
  readonly account: string
}

/** A completed call, which `undo` reverses. */
export interface Done<In, Out> {
  readonly input: In
  readonly output: Out
}

/** The call that reverses another one: a tool of the same connector and its input. */
export interface Undo {
  readonly tool: string
  readonly input: object
}

interface Described<In extends Schema, Out extends Schema, Settings, U> {
  /** The description for users and AI agents: what the tool does, and what it does not. */
  readonly description: string
  readonly input: In
  /** The schema of the output. Fields that it does not name are dropped, so they never reach a caller or an agent. */
  readonly output: Out
  /** True if sending the request twice has the same effect as sending it once. A write may then be retried. */
  readonly idempotent?: boolean | undefined
  /** The header by which the provider recognizes a repeated write, such as `Idempotency-Key`. */
  readonly idempotencyKey?: { readonly header: string } | undefined
  /** The OAuth scopes that the tool needs. The connector requests the scopes of all its tools. */
  readonly scopes?: readonly string[] | undefined
  /** The provider's limits for this tool, one or several. Tools with the same limit object share it. */
  readonly limit?: Limit | readonly Limit[] | undefined
  readonly examples?: readonly { readonly input: Input<In>; readonly note?: string }[] | undefined
  /** The reason of the deprecation, and the replacement. */
  readonly deprecated?: string | undefined
  /** Time limit of one request of this tool, in milliseconds. It raises the default limit of a call. @default the connector's */
  readonly timeoutMs?: number | undefined
  /** The advice on how to check whether a write happened, after OUTCOME_UNKNOWN. */
  readonly reconcile?: string | undefined
  /** Returns the sentence that an approval screen shows before the call. Pure. */
  readonly preview?: ((input: Output<In>, context: ToolContext<Settings>) => string) | undefined
  /**
   * Returns the call that reverses this one, or undefined if this call cannot be reversed. Pure.
   * `'impossible'`: no call of this tool can be reversed. Absent: unknown.
   */
  readonly undo?: 'impossible' | ((done: Done<Output<In>, Output<Out>>) => U) | undefined
}

/** A tool of one request. With `pages`, one request for each page. With `stream`, its response is a stream of events. */
interface RequestShape<In extends Schema, Settings, P, S> {
  readonly request: (input: Output<In>, context: ToolContext<Settings>) => RequestSpec
  readonly pages?: P
  readonly stream?: S
  readonly run?: undefined
  readonly perform?: undefined
}

/** A tool of several requests, as a pure generator. */
interface RunShape<In extends Schema, Out extends Schema, Settings> {
  readonly run: (input: Output<In>, context: ToolContext<Settings>) => Run<Input<Out>>
  readonly request?: undefined
  readonly pages?: undefined
  readonly stream?: undefined
  readonly perform?: undefined
}

/** A tool of a service without HTTP, such as a store or a mail server. */
interface PerformShape<In extends Schema, Out extends Schema, Settings> {
  /**
   * Performs the tool and returns its output. It runs inside the request stages, with their approval, retries and time
   * limit, so it may run again for the same call. Call `sent(false)` until the service may have received something.
   */
  readonly perform: (input: Output<In>, context: PerformContext<Settings>) => Promise<Input<Out>>
  readonly request?: undefined
  readonly run?: undefined
  readonly pages?: undefined
  readonly stream?: undefined
}

export type Tool<
  In extends Schema = Schema,
  Out extends Schema = Schema,
  E extends Effect = Effect,
  Settings = unknown,
  P extends Pages | undefined = undefined,
  S extends StreamReading | undefined = undefined,
  U extends Undo | undefined = Undo | undefined,
> = Described<In, Out, Settings, U> & { readonly effect: E } & (
    | RequestShape<In, Settings, P, S>
    | RunShape<In, Out, Settings>
    | PerformShape<In, Out, Settings>
  )

/** A tool with its types erased. Parameters are `never`, because that accepts functions of every type. */
export interface AnyTool extends Omit<Described<Schema, Schema, unknown, unknown>, 'preview' | 'undo'> {
  readonly effect: Effect
  readonly preview?: ((input: never, context: never) => string) | undefined
  readonly undo?: 'impossible' | ((done: Done<never, never>) => Undo | undefined) | undefined
  readonly request?: ((input: never, context: never) => RequestSpec) | undefined
  readonly pages?: Pages | undefined
  readonly stream?: StreamReading | undefined
  readonly run?: ((input: never, context: never) => Run<unknown>) | undefined
  readonly perform?: ((input: never, context: never) => Promise<unknown>) | undefined
}

/** Any tool that works in a connector whose settings are `Settings`. */
export interface ToolFor<Settings> extends Omit<AnyTool, 'request' | 'run' | 'perform' | 'preview'> {
  readonly preview?: ((input: never, context: ToolContext<Settings>) => string) | undefined
  readonly request?: ((input: never, context: ToolContext<Settings>) => RequestSpec) | undefined
  readonly run?: ((input: never, context: ToolContext<Settings>) => Run<unknown>) | undefined
  readonly perform?: ((input: never, context: PerformContext<Settings>) => Promise<unknown>) | undefined
}

/**
 * Checks that every `undo` names a tool of the same connector and matches its input. A type error shows the expected type
 * of `undo`.
 */
export type CheckedUndo<Tools> = {
  readonly [K in keyof Tools]: Tools[K] extends { readonly undo?: infer F } ? CheckedCall<UndoOf<F>, Tools> : unknown
}
type CheckedCall<U extends Undo, Tools> =
  // Without undo(), the name of the tool is any string.
  string extends U['tool']
    ? unknown
    : U['tool'] extends keyof Tools
      ? U['input'] extends InputOf<Tools[U['tool']]>
        ? unknown
        : { readonly undo: (done: never) => { readonly tool: U['tool']; readonly input: InputOf<Tools[U['tool']]> } }
      : { readonly undo: (done: never) => { readonly tool: keyof Tools; readonly input: object } }
type UndoOf<F> = F extends (...done: never[]) => infer U ? Extract<U, Undo> : never
type InputOf<T> = T extends { readonly input: infer In extends Schema } ? Input<In> : never

/**
 * Defines a tool as data. The types of a host's call are derived from it.
 *
 * A tool that reads settings declares their type: `(input, { settings }: ToolContext<Settings>) => ...`. `defineConnector`
 * checks that the connector has them.
 */
export function tool<
  In extends Schema,
  Out extends Schema,
  const E extends Effect,
  Settings = unknown,
  P extends Pages | undefined = undefined,
  S extends StreamReading | undefined = undefined,
  const U extends Undo | undefined = undefined,
>(
  definition: Tool<In, Out, E, Settings, P, S, U>,
  // NoInfer, because the expected type in defineConnector must not supply pages, a stream or an undo that the tool lacks.
): Tool<In, Out, E, Settings, NoInfer<P>, NoInfer<S>, NoInfer<U>> {
  return definition
}
