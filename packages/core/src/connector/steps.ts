import type { ConnectorError } from '../errors/connector-error.ts'
import type { Effect, RequestSpec } from './request.ts'
import type { Output, Schema } from './schema.ts'

/** One request of a tool that needs several, with the schema that its answer must fit. */
export interface Step {
  readonly request: RequestSpec
  /** What the response must fit. Absent: it is returned as it is. */
  readonly schema?: Schema | undefined
  /** What this request does. Unless said, a GET of a multi-step tool reads, and any other has the tool's effect. */
  readonly effect?: Effect | undefined
}

/** Independent requests. */
export interface Steps {
  readonly all: readonly Step[]
  readonly concurrency: number
  /** Whether a failed request is returned as `{ error }`, and the others are still sent. */
  readonly settle?: boolean | undefined
}

/** The result of one request of several. */
export type Settled<Value> =
  | { readonly value: Value; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: ConnectorError }

/** What `run` of a multi-step tool returns: a generator of requests, pure and testable as values. */
export type Run<Answer> = Generator<Step | Steps, Answer, unknown>

/**
 * Hands the runtime a request and gets the parsed answer back: `const box = yield* send(post('media'), Container)`.
 * A refusal of the provider is thrown here, so a tool may catch it.
 * @param options.effect what this request does, where it differs from the tool
 */
export function* send<Answer extends Schema>(
  request: RequestSpec,
  schema: Answer,
  options: { readonly effect?: Effect } = {},
): Generator<Step, Output<Answer>, unknown> {
  // The runtime parsed the answer with this very schema before it resumed the generator.
  return (yield { request, schema, ...options }) as Output<Answer>
}

interface SendAllOptions {
  /** Requests in flight at the same time. @default 4 */
  readonly concurrency?: number
  readonly effect?: Effect
}

/**
 * Passes several independent requests to the runtime. Returns the responses in their order.
 * @param options.settle returns failures as values. Without it, the first failure is thrown, and what waits is not sent.
 */
export function sendAll<Answer extends Schema>(
  requests: readonly RequestSpec[],
  schema: Answer,
  options: SendAllOptions & { readonly settle: true },
): Generator<Steps, Settled<Output<Answer>>[], unknown>
export function sendAll<Answer extends Schema>(
  requests: readonly RequestSpec[],
  schema: Answer,
  options?: SendAllOptions,
): Generator<Steps, Output<Answer>[], unknown>
export function* sendAll(
  requests: readonly RequestSpec[],
  schema: Schema,
  { concurrency = 4, settle, ...rest }: SendAllOptions & { readonly settle?: boolean } = {},
): Generator<Steps, unknown[], unknown> {
  // The runtime parsed each response with the schema before it resumed the generator.
  return (yield { all: requests.map((request) => ({ request, schema, ...rest })), concurrency, settle }) as unknown[]
}

/**
 * Runs the generator: each step goes to `answer`, a failure is thrown where the step was yielded.
 * Tests drive a tool with it the same way, answers from a list.
 */
export async function drive<Answer>(
  run: Run<Answer>,
  answer: (step: Step | Steps) => Promise<unknown>,
): Promise<Answer> {
  let step = run.next()
  while (!step.done) {
    let value: unknown
    try {
      value = await answer(step.value)
    } catch (error) {
      step = run.throw(error)
      continue
    }
    step = run.next(value)
  }
  return step.value
}
