import type { Effect, RequestSpec } from './request.ts'
import type { Output, Schema } from './schema.ts'

/** One request of a tool that needs several, with the schema that its answer must fit. */
export interface Step {
  readonly request: RequestSpec
  readonly schema: Schema
  /** What this request does. Unless said, a GET of a multi-step tool reads, and any other has the tool's effect. */
  readonly effect?: Effect | undefined
}

/** Several requests that do not need each other's answers. */
export interface Steps {
  readonly all: readonly Step[]
  readonly concurrency: number
}

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

/**
 * Hands the runtime several independent requests; the answers come back in their order.
 * @param options.concurrency requests under way at once, 4 unless said otherwise
 */
export function* sendAll<Answer extends Schema>(
  requests: readonly RequestSpec[],
  schema: Answer,
  options: { readonly concurrency?: number; readonly effect?: Effect } = {},
): Generator<Steps, Output<Answer>[], unknown> {
  const { concurrency = 4, ...rest } = options
  return (yield { all: requests.map((request) => ({ request, schema, ...rest })), concurrency }) as Output<Answer>[]
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
