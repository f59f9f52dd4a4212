import { ConnectorError } from '../errors/connector-error.ts'
import type { Store } from '../ports/store.ts'
import { CHECKPOINT } from './data-key-row.ts'
import type { Scope } from './key-scope.ts'

/**
 * - `keys`: every scope gets a new data key
 * - `values`: every value is sealed anew under it
 * - `check`: what other processes wrote meanwhile under an old data key is sealed anew, too
 */
export type RotationPhase = 'keys' | 'values' | 'check'

export interface RotationCounts {
  /** Data keys that were wrapped anew, under the current key-encryption key. */
  readonly rewrapped: number
  /** Data keys that were made. */
  readonly created: number
  /** Values that were sealed anew. */
  readonly reencrypted: number
  /** Values that were under the newest data key already, or were deleted or about to expire. */
  readonly skipped: number
  /** Rows that `encrypted` did not write, and that stay as they are. */
  readonly foreign: number
}

/** How far a rotation has come. It lies in the store in the clear: there is no secret in it. */
export interface Checkpoint {
  readonly phase: RotationPhase
  /** The last key that is done. */
  readonly after?: string | undefined
  /** Until then another process may write under a data key that it still has at hand: milliseconds since the epoch. */
  readonly settledAt?: number | undefined
  /** Scopes that still have to get a new data key. */
  readonly missed: readonly Scope[]
  readonly counts: RotationCounts
}

export async function readCheckpoint(store: Store): Promise<Checkpoint | undefined> {
  const stored = await store.get(CHECKPOINT)
  if (stored === undefined) return undefined
  try {
    const { format, ...checkpoint } = JSON.parse(stored.value) as Checkpoint & { readonly format: unknown }
    if (format === 'v1') return checkpoint
  } catch {
    // Answered below, as another format is.
  }
  throw new ConnectorError('CONFIGURATION_ERROR', 'How far the rotation of the keys has come cannot be read.', {
    hint: 'Begin anew: rotateKeys() without resume. That loses nothing.',
  })
}

export const writeCheckpoint = async (store: Store, checkpoint: Checkpoint): Promise<void> =>
  void (await store.put(CHECKPOINT, JSON.stringify({ format: 'v1', ...checkpoint })))

export const dropCheckpoint = (store: Store): Promise<boolean> => store.delete(CHECKPOINT)
