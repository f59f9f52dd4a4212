import { approve } from './approve.ts'
import { authorize } from './authorize.ts'
import { breaker } from './breaker.ts'
import { permit } from './permit.ts'
import { rateLimit } from './rate-limit.ts'
import { retry } from './retry.ts'
import type { CallStage, RequestStage, StageFor } from './stage.ts'
import { timeout } from './timeout.ts'
import { validate } from './validate.ts'

/** The two lists of stages, each from the caller down to the wire. */
export interface Stages {
  /** Once a tool call. */
  readonly call: readonly StageFor<CallStage>[]
  /** Once for each request that a call makes: its only one, a page, a step. */
  readonly request: readonly StageFor<RequestStage>[]
}

/** Every stage by its name. */
export const stages = { validate, permit, approve, retry, breaker, rateLimit, timeout, authorize }

/** The order of the stages. Nothing else in the project decides it. */
export const standardPipeline: Stages = {
  call: [validate, permit],
  request: [approve, retry, breaker, rateLimit, timeout, authorize],
}

/** A host's own order: leave stages out, put others in. */
export type Pipeline = (standard: Stages) => Stages
