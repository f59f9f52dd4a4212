import type { RenewalTiming, RenewalContext } from '../../src/vault/renewal/renewal-context.ts'
import type { ModelName } from './authorization-server.ts'
import type { Invariant } from './verdict.ts'

/** One step of the algorithm, broken from the outside. */
export interface Mutant {
  readonly timing?: Partial<RenewalTiming>
  readonly world?: (world: RenewalContext, worker: { readonly isVerifiable: boolean }) => RenewalContext
  readonly losesUnsaved?: boolean
  /** Calls join a renewal that is stuck in the store, however long it is. */
  readonly staysStuck?: boolean
  /** What a renewal got that is stuck in the store is forgotten. */
  readonly losesStuck?: boolean
  /** An unknown key does not make the keys be fetched again. */
  readonly keepsKeys?: boolean
}

/** What has to be noticed, and by what. */
export interface Caught extends Mutant {
  readonly name: string
  readonly model: ModelName
  readonly by: readonly Invariant[]
}
