import { ConnectorError } from '../errors/connector-error.ts'
import type { Store } from '../ports/store.ts'
import { CHECKPOINT } from './data-key-row.ts'
import type { KeyOwner } from './data-key-row.ts'

/**
 * - `keys`: every owner gets a new data key
 * - `values`: every value is sealed again under it
 * - `check`: values that other processes wrote meanwhile under an old data key are sealed again too
 */
export type RotationPhase = 'keys' | 'values' | 'check'

export interface RotationCounts {
  /** Data keys that were wrapped again, under the current key-encryption key. */
  readonly rewrapped: number
  /** Data keys that were made. */
  readonly created: number
  /** Values that were sealed again. */
  readonly reencrypted: number
  /** Values that needed no work: under the newest data key already, deleted, or expired. */
  readonly skipped: number
  /** Rows that `encrypted` did not write. They stay unchanged. */
  readonly foreign: number
}

/** The progress of a rotation, stored in plain text because it contains no secret. */
export interface Checkpoint {
  readonly phase: RotationPhase
  /** The last key that was processed. */
  readonly after?: string | undefined
  /** Until then another process may write under a cached data key. Milliseconds since the epoch. */
  readonly settledAt?: number | undefined
  /** Key owners that still need a new data key. */
  readonly missed: readonly KeyOwner[]
  readonly counts: RotationCounts
}

export async function readCheckpoint(store: Store): Promise<Checkpoint | undefined> {
  const stored = await store.get(CHECKPOINT)
  if (stored === undefined) return undefined
  try {
    const { format, ...checkpoint } = JSON.parse(stored.value) as Checkpoint & { readonly format: unknown }
    if (format === 'v1') return checkpoint
  } catch {
    // Reported below, like another format.
  }
  throw new ConnectorError('CONFIGURATION_ERROR', 'The checkpoint of the key rotation cannot be read.', {
    hint: 'Start again: rotateKeys() without resume. That loses nothing.',
  })
}

export const writeCheckpoint = async (store: Store, checkpoint: Checkpoint): Promise<void> =>
  void (await store.put(CHECKPOINT, JSON.stringify({ format: 'v1', ...checkpoint })))

export const dropCheckpoint = (store: Store): Promise<boolean> => store.delete(CHECKPOINT)
