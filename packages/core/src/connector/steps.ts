import type { ConnectorError } from '../errors/connector-error.ts'
import type { Effect, RequestSpec } from './request.ts'
import type { Output, Schema } from './schema.ts'

/** One request of a multi-step tool, with the schema of its response. */
export interface Step {
  readonly request: RequestSpec
  /** The schema of the response. Absent: the response is returned unchanged. */
  readonly schema?: Schema | undefined
  /** The effect of this request. @default 'read' for GET and HEAD, the tool's effect for any other method */
  readonly effect?: Effect | undefined
}

/** Several requests that do not depend on each other's responses. */
export interface Steps {
  readonly all: readonly Step[]
  readonly concurrency: number
  /** True if a failed request is returned as `{ error }`, and the others are still sent. @default false */
  readonly settle?: boolean | undefined
}

/** A wait between two requests. */
export interface Wait {
  readonly waitMs: number
}

/** The result of one request of several. */
export type Settled<Value> =
  | { readonly value: Value; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: ConnectorError }

/** The result of `run` of a multi-step tool: a pure generator of requests and waits. */
export type Run<Result> = Generator<Step | Steps | Wait, Result, unknown>

/**
 * Sends a request and returns the parsed response: `const box = yield* send(post('media'), Container)`. It throws the
 * provider's error, which the tool can catch.
 * @param options.effect the effect of this request. @default 'read' for GET and HEAD, else the tool's effect
 */
export function* send<Response extends Schema>(
  request: RequestSpec,
  schema: Response,
  options: { readonly effect?: Effect } = {},
): Generator<Step, Output<Response>, unknown> {
  // Safe: the runtime parsed the response with this schema before it resumed the generator.
  return (yield { request, schema, ...options }) as Output<Response>
}

interface SendAllOptions {
  /** Maximum number of requests in flight. @default 4 */
  readonly concurrency?: number
  /** The effect of these requests. @default 'read' for GET and HEAD, else the tool's effect */
  readonly effect?: Effect
}

/**
 * Sends several independent requests and returns the parsed responses in the order of the requests.
 * @param options.concurrency maximum number of requests in flight. @default 4
 * @param options.settle returns failures as values. Without it, the first failure is thrown, and waiting requests are not
 *   sent. @default false
 */
export function sendAll<Response extends Schema>(
  requests: readonly RequestSpec[],
  schema: Response,
  options: SendAllOptions & { readonly settle: true },
): Generator<Steps, Settled<Output<Response>>[], unknown>
export function sendAll<Response extends Schema>(
  requests: readonly RequestSpec[],
  schema: Response,
  options?: SendAllOptions,
): Generator<Steps, Output<Response>[], unknown>
export function* sendAll(
  requests: readonly RequestSpec[],
  schema: Schema,
  { concurrency = 4, settle, ...rest }: SendAllOptions & { readonly settle?: boolean } = {},
): Generator<Steps, unknown[], unknown> {
  // Safe: the runtime parsed each response with the schema before it resumed the generator.
  return (yield { all: requests.map((request) => ({ request, schema, ...rest })), concurrency, settle }) as unknown[]
}

/**
 * Waits until a provider may have finished what it does in the background: `yield* wait(5000)`. The time limit of the call
 * includes the wait, so a tool should wait a fixed number of times, and then report how far the provider is.
 * @param ms milliseconds
 */
export function* wait(ms: number): Generator<Wait, void, unknown> {
  yield { waitMs: ms }
}

/**
 * Runs the generator of a multi-step tool.
 * @param perform performs a step; its error is thrown into the generator
 */
export async function drive<Result>(
  run: Run<Result>,
  perform: (step: Step | Steps | Wait) => Promise<unknown>,
): Promise<Result> {
  let step = run.next()
  while (!step.done) {
    let value: unknown
    try {
      value = await perform(step.value)
    } catch (error) {
      step = run.throw(error)
      continue
    }
    step = run.next(value)
  }
  return step.value
}
