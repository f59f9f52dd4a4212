import type { CallStage, RequestStage, StageFor } from './stage.ts'

/** The slots for stages of capabilities in the call list. `pipeline.ts` defines their order. */
export type CallSlot = (typeof callSlots)[number]
export const callSlots = ['trace', 'audit', 'quota', 'cache', 'fallback'] as const

/** The slots for stages of capabilities in the request list. */
export type RequestSlot = (typeof requestSlots)[number]
export const requestSlots = ['trace'] as const

/** The stages that a capability adds. It fills slots and cannot move them. */
export interface CapabilityStages {
  readonly callStages?: { readonly [Slot in CallSlot]?: StageFor<CallStage> } | undefined
  readonly requestStages?: { readonly [Slot in RequestSlot]?: StageFor<RequestStage> } | undefined
}

type Filling<Slot extends string, S> = { readonly [Name in Slot]?: S } | undefined

/** Replaces each slot of a list with the stages of the capabilities, in the order of the capabilities. */
export const fillSlots = <Slot extends string, S extends (context: never) => unknown>(
  list: readonly (S | Slot)[],
  fillings: readonly Filling<Slot, S>[],
): readonly S[] =>
  list.flatMap((entry) => {
    if (typeof entry !== 'string') return [entry]
    return fillings.map((filling) => filling?.[entry]).filter((stage) => stage !== undefined)
  })
