import { ConnectorError } from '../errors/connector-error.ts'
import { readCheckpoint } from './rotation-checkpoint.ts'
import { Rotation } from './rotation.ts'
import type { RotationProgress, RotationReport } from './rotation.ts'
import type { SealedStore } from './sealed-store.ts'
import { currentKeyId } from './wrap-data-key.ts'

export interface RotateKeysOptions {
  /**
   * - `rewrap` (default): wraps the data keys under the current key-encryption key. No value is touched, so it is quick.
   * - `reencrypt`: also gives every tenant a new data key, and seals every value anew under it.
   */
  readonly mode?: 'rewrap' | 'reencrypt' | undefined
  /**
   * Goes on with a `reencrypt` that was stopped, crashed or left failures behind; where there is none, begins one.
   * Default false: begins anew, as it has to be after a leak.
   */
  readonly resume?: boolean | undefined
  /** Stops a run. What it did stays, and the promise resolves with `finished: false`. */
  readonly signal?: AbortSignal | undefined
  /** Called after every hundred rows. */
  readonly onProgress?: ((progress: RotationProgress) => void) | undefined
  /**
   * Milliseconds that `reencrypt` waits, before its last look, for other processes that have an old data key at hand;
   * default `dataKeyTtlMs`. 0 if this is the only process.
   */
  readonly settleMs?: number | undefined
}

/** Moves everything in a store to the current keys, while it is in use. */
export async function rotateKeys(sealed: SealedStore, options: RotateKeysOptions = {}): Promise<RotationReport> {
  const { mode = 'rewrap', resume = false, settleMs = sealed.ttlMs, signal, onProgress } = options
  if (!(settleMs >= 0)) throw new ConnectorError('CONFIGURATION_ERROR', 'settleMs must be 0 or more.')
  // Before anything is changed: a key that cannot wrap is no key to move to.
  const keyId = await currentKeyId(sealed.provider)
  const from = mode === 'reencrypt' && resume ? await readCheckpoint(sealed.store) : undefined
  const rotation = new Rotation(sealed, { keyId, settleMs, signal, onProgress }, from)
  return mode === 'reencrypt' ? rotation.reencrypt() : rotation.rewrap()
}
