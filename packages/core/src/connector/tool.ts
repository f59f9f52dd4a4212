import type { Limit } from './limit.ts'
import type { Pages } from './pages.ts'
import type { Effect, RequestSpec } from './request.ts'
import type { Input, Output, Schema } from './schema.ts'
import type { StreamReading } from './server-sent-events.ts'
import type { Run } from './steps.ts'

/** What a tool may know besides its input. */
export interface ToolContext<Settings> {
  /** The connector's settings: those of the composition, overridden by those of the connection. */
  readonly settings: Settings
}

/** A call that happened: what `undo` reverses. */
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
  /** For users and for AI agents: what the tool does, and what it does not. */
  readonly description: string
  readonly input: In
  /** Drops every field that it does not name, so that nothing unexpected reaches a caller or an agent. */
  readonly output: Out
  /** Whether sending it twice does the same as sending it once, so that a write may be retried. */
  readonly idempotent?: boolean | undefined
  /** The header by which the provider recognises a repeated write, such as `Idempotency-Key`. */
  readonly idempotencyKey?: { readonly header: string } | undefined
  /** Scopes that a grant must have. The connector asks for the union of those of its tools. */
  readonly scopes?: readonly string[] | undefined
  /** The limit that the provider documents for this tool. Tools that name the same limit share it, by its scope. */
  readonly limit?: Limit | undefined
  readonly examples?: readonly { readonly input: Input<In>; readonly note?: string }[] | undefined
  /** Why not to use it any more, and what to use instead. */
  readonly deprecated?: string | undefined
  /** Milliseconds that one request of this tool may take. @default the connector's */
  readonly timeoutMs?: number | undefined
  /** How a caller finds out whether a write happened, after OUTCOME_UNKNOWN. */
  readonly reconcile?: string | undefined
  /** Returns the sentence that an approval screen shows before the call. Pure. */
  readonly preview?: ((input: Output<In>, context: ToolContext<Settings>) => string) | undefined
  /**
   * Returns the call that reverses this one, or undefined if this particular call has none. Pure.
   * `'impossible'`: no call reverses it. Absent: not known.
   */
  readonly undo?: 'impossible' | ((done: Done<Output<In>, Output<Out>>) => U) | undefined
}

/** One request. With `pages`, one request a page. With `stream`, one request whose response is a stream of events. */
interface RequestShape<In extends Schema, Settings, P, S> {
  readonly request: (input: Output<In>, context: ToolContext<Settings>) => RequestSpec
  readonly pages?: P
  readonly stream?: S
  readonly run?: undefined
}

/** Several requests, one after the other, as a generator that stays pure. */
interface RunShape<In extends Schema, Out extends Schema, Settings> {
  readonly run: (input: Output<In>, context: ToolContext<Settings>) => Run<Input<Out>>
  readonly request?: undefined
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
  )

/** A tool with its types erased. `never` is the honest top of a parameter. */
export interface AnyTool extends Omit<Described<Schema, Schema, unknown, unknown>, 'preview' | 'undo'> {
  readonly effect: Effect
  readonly preview?: ((input: never, context: never) => string) | undefined
  readonly undo?: 'impossible' | ((done: Done<never, never>) => Undo | undefined) | undefined
  readonly request?: ((input: never, context: never) => RequestSpec) | undefined
  readonly pages?: Pages | undefined
  readonly stream?: StreamReading | undefined
  readonly run?: ((input: never, context: never) => Run<unknown>) | undefined
}

/** Any tool that can run in a connector whose settings are `Settings`. */
export interface ToolFor<Settings> extends Omit<AnyTool, 'request' | 'run' | 'preview'> {
  readonly preview?: ((input: never, context: ToolContext<Settings>) => string) | undefined
  readonly request?: ((input: never, context: ToolContext<Settings>) => RequestSpec) | undefined
  readonly run?: ((input: never, context: ToolContext<Settings>) => Run<unknown>) | undefined
}

/**
 * Checks that every `undo` names a tool of the same connector and fits its input. In the error, the type of `undo` says
 * what is expected.
 */
export type CheckedUndo<Tools> = {
  readonly [K in keyof Tools]: Tools[K] extends { readonly undo?: infer F } ? CheckedCall<UndoOf<F>, Tools> : unknown
}
type CheckedCall<U extends Undo, Tools> =
  // Without undo() the compiler knows of no particular tool.
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
 * Describes one tool. It is data: the types of a host's call follow from it, and nothing runs until it is called.
 *
 * A tool that reads settings names their type where it takes them: `(input, { settings }: ToolContext<Settings>) => ...`.
 * `defineConnector` checks that the connector has them.
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
  // Inside of defineConnector, the expected type must not stand in for pages, a stream or an undo that the tool lacks.
): Tool<In, Out, E, Settings, NoInfer<P>, NoInfer<S>, NoInfer<U>> {
  return definition
}
