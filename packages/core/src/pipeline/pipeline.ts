import { approve } from './approve.ts'
import { authorize } from './authorize.ts'
import { breaker } from './breaker.ts'
import { permit } from './permit.ts'
import { rateLimit } from './rate-limit.ts'
import { resolve } from './resolve.ts'
import { retry } from './retry.ts'
import type { CallSlot, RequestSlot } from './slots.ts'
import type { CallStage, RequestStage, StageFor } from './stage.ts'
import { timeout } from './timeout.ts'
import { validate } from './validate.ts'

/** The two lists of stages, each from the caller down to the wire. A string is a slot that capabilities fill. */
export interface Stages {
  /** Once a tool call. */
  readonly call: readonly (StageFor<CallStage> | CallSlot)[]
  /** Once for each request that a call makes: its only one, a page, a step. */
  readonly request: readonly (StageFor<RequestStage> | RequestSlot)[]
}

/** Every stage by its name. */
export const stages = { validate, permit, resolve, approve, retry, breaker, rateLimit, timeout, authorize }

/** The order of the stages. Nothing else in the project decides it. */
export const standardPipeline: Stages = {
  call: ['trace', 'audit', validate, permit, 'quota', 'cache', 'fallback', resolve],
  request: [approve, retry, breaker, rateLimit, timeout, 'trace', authorize],
}

/** A host's own order: leave stages out, put others in. */
export type Pipeline = (standard: Stages) => Stages
