import type { Attempt, Call } from './call.ts'
import type { Reply } from '../connector/reply.ts'
import type { ConnectorContext } from './connector-context.ts'

/** What a stage hands its subject on to. */
export type Next<Subject, Answer> = (subject: Subject) => Promise<Answer>

/** Wraps what comes after it. */
export type Stage<Subject, Answer> = (next: Next<Subject, Answer>) => Next<Subject, Answer>

/** Once a tool call. */
export type CallStage = Stage<Call, unknown>
/** Once for each request that a call makes: its only one, a page, a step. */
export type RequestStage = Stage<Attempt, Reply>

/**
 * Makes a stage for one connector, once; undefined where this connector has no use for it, so that it costs nothing.
 */
export type StageFor<S> = (scope: ConnectorContext) => S | undefined

/** Runs `stages` in the order written: the first sees the subject first and the answer last. */
export function compose<Subject, Answer>(
  stages: readonly StageFor<Stage<Subject, Answer>>[],
  scope: ConnectorContext,
  last: Next<Subject, Answer>,
): Next<Subject, Answer> {
  return stages.reduceRight((next, make) => make(scope)?.(next) ?? next, last)
}
