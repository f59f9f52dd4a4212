import type { RenewalTiming } from '../../src/vault/renewal/refresh-timing.ts'
import type { RenewalContext } from '../../src/vault/renewal/renewal-context.ts'
import type { ModelName } from './authorization-server.ts'
import type { Invariant } from './verdict.ts'

/** One broken step of the algorithm. */
export interface Mutant {
  readonly timing?: Partial<RenewalTiming>
  readonly context?: (context: RenewalContext, worker: { readonly isVerifiable: boolean }) => RenewalContext
  readonly losesUncommitted?: boolean
  /** Calls join a refresh that hangs in the store, however long. */
  readonly staysStuck?: boolean
  /** The grant of a refresh that hangs in the store is dropped. */
  readonly losesStuck?: boolean
  /** The keys are not fetched again for an unknown key. */
  readonly keepsKeys?: boolean
}

/** A mutant that the simulation must detect, and the rules that detect it. */
export interface DetectedMutant extends Mutant {
  readonly name: string
  readonly model: ModelName
  readonly by: readonly Invariant[]
}
