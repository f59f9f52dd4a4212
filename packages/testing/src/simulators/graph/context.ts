import type { SimulatedProviderOptions } from '../simulated-provider.ts'
import type { Tokens } from '../google-calendar/tokens.ts'

/** The place in a delta round: the state of the previous round, and the page in this one. */
export interface DeltaPlace {
  readonly collection: string
  /** The parameters of the first request, which the links contain. */
  readonly query: string
  readonly since?: string | undefined
  readonly page?: string | undefined
}

export interface ListPlace {
  readonly path: string
  readonly query: string
  readonly at: number
}

/** The state and ports that all parts of the simulator share. */
export interface GraphContext {
  readonly now: () => number
  readonly random: () => number
  readonly user: string
  readonly faults: Partial<SimulatedProviderOptions>
  readonly deltas: Tokens<DeltaPlace>
  readonly pages: Tokens<DeltaPlace>
  readonly listPages: Tokens<ListPlace>
  /** Notifies the subscriptions to any of these paths. */
  readonly notify: (change: GraphChange) => void
}

export interface GraphChange {
  /** The resources that the change belongs to, such as `me/events`. */
  readonly resources: readonly string[]
  readonly changeType: 'created' | 'updated' | 'deleted'
  /** The name of the type, such as `event`. */
  readonly type: string
  /** Returns the id in the kind that a subscription asks for. */
  readonly idFor: (isImmutable: boolean) => string
  readonly etag: string | undefined
}
