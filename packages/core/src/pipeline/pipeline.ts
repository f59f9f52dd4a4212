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

/** The two lists of stages, in the order from the caller to the provider. A string is a slot that capabilities fill. */
export interface Stages {
  /** The stages that run once for each tool call. */
  readonly call: readonly (StageFor<CallStage> | CallSlot)[]
  /** The stages that run once for each request of a call: its only request, a page or a step. */
  readonly request: readonly (StageFor<RequestStage> | RequestSlot)[]
}

/** The stages by name. */
export const stages = { validate, permit, resolve, approve, retry, breaker, rateLimit, timeout, authorize }

/** The standard order of the stages. */
export const standardPipeline: Stages = {
  call: ['trace', 'audit', validate, permit, 'quota', 'cache', 'fallback', resolve],
  request: [approve, retry, breaker, rateLimit, timeout, 'trace', authorize],
}

/** Returns a host's own order of stages: with stages left out or added. */
export type Pipeline = (standard: Stages) => Stages
