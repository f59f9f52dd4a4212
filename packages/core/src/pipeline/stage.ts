import type { Attempt, Call } from './call.ts'
import type { Reply } from '../connector/reply.ts'
import type { ConnectorContext } from './connector-context.ts'

/** The next stage, or the end of the list. */
export type Next<Subject, Result> = (subject: Subject) => Promise<Result>

/** Wraps the next stage. */
export type Stage<Subject, Result> = (next: Next<Subject, Result>) => Next<Subject, Result>

/** A stage that runs once for each tool call. */
export type CallStage = Stage<Call, unknown>
/** A stage that runs once for each request of a call: its only request, a page or a step. */
export type RequestStage = Stage<Attempt, Reply>

/**
 * Creates a stage for one connector. Returns undefined if the connector does not need it, so that it costs nothing.
 */
export type StageFor<S> = (scope: ConnectorContext) => S | undefined

/** Composes stages in order: the first receives the subject first and the result last. */
export function compose<Subject, Result>(
  stages: readonly StageFor<Stage<Subject, Result>>[],
  scope: ConnectorContext,
  last: Next<Subject, Result>,
): Next<Subject, Result> {
  return stages.reduceRight((next, make) => make(scope)?.(next) ?? next, last)
}
