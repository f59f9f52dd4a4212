import { ConnectorError } from '../errors/connector-error.ts'
import { sleep } from '../ports/clock.ts'
import type { Stored } from '../ports/store.ts'
import { CHECKPOINT, listDataKeyRows, RESERVED, keyOwnerAt } from './data-key-row.ts'
import type { KeyOwner } from './data-key-row.ts'
import { dropRetiredDataKeys, renewDataKeys } from './renew-data-keys.ts'
import { resealValue } from './reseal-value.ts'
import { dropCheckpoint, readCheckpoint, writeCheckpoint } from './rotation-checkpoint.ts'
import type { Checkpoint, RotationCounts, RotationPhase } from './rotation-checkpoint.ts'
import type { SealedStore } from './sealed-value.ts'
import { walkRows } from './walk-rows.ts'
import { currentKeyId } from './wrap-data-key.ts'

export interface RotateKeysOptions {
  /**
   * - `rewrap`: wraps the data keys under the current key-encryption key. Values stay unchanged, so it is fast.
   * - `reencrypt`: also gives every tenant a new data key, and encrypts every value again under it.
   *
   * @default 'rewrap'
   */
  readonly mode?: 'rewrap' | 'reencrypt' | undefined
  /**
   * Whether to continue a `reencrypt` that was stopped, crashed or had failures. Without one, it starts. After a leak, do
   * not resume.
   * @default false
   */
  readonly resume?: boolean | undefined
  /** Stops the run. Its work so far stays, and the promise resolves with `finished: false`. */
  readonly signal?: AbortSignal | undefined
  /** Called after every hundred rows. */
  readonly onProgress?: ((progress: RotationProgress) => void) | undefined
  /**
   * Milliseconds that `reencrypt` waits before its last pass, for other processes that have cached an old data key. 0 if
   * this is the only process.
   * @default dataKeyTtlMs
   */
  readonly settleMs?: number | undefined
}

export interface RotationProgress extends RotationCounts {
  readonly phase: RotationPhase
}

export interface RotationReport extends RotationCounts {
  /** Whether everything is under the current keys. False if the run was stopped or had failures. */
  readonly finished: boolean
  /** Number of data keys and values that stay under an old key, because they do not open. */
  readonly failed: number
  /** The first hundred failures. Their store keys name tenants. */
  readonly failures: readonly RotationFailure[]
  /** Number of data keys that were dropped: replaced more than a day ago, without values. */
  readonly dropped: number
}

export interface RotationFailure {
  /** The store key. */
  readonly key: string
  readonly error: ConnectorError
}

interface RotationPlan {
  /** The key-encryption key to move to. */
  readonly keyId: string
  readonly settleMs: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: RotationProgress) => void) | undefined
}

const MAX_FAILURES = 100

/** Moves everything in a store to the current keys, while it is in use. */
export async function rotateKeys(sealed: SealedStore, options: RotateKeysOptions = {}): Promise<RotationReport> {
  const { mode = 'rewrap', resume = false, settleMs = sealed.ttlMs, signal, onProgress } = options
  if (!(settleMs >= 0)) throw new ConnectorError('CONFIGURATION_ERROR', 'settleMs must be 0 or more.')
  // Proves that the current key can wrap, before anything changes.
  const keyId = await currentKeyId(sealed.provider)
  const from = mode === 'reencrypt' && resume ? await readCheckpoint(sealed.store) : undefined
  const rotation = new Rotation(sealed, { keyId, settleMs, signal, onProgress }, from)
  return mode === 'reencrypt' ? rotation.reencrypt() : rotation.rewrap()
}

/** One run over a store, from the start or from a checkpoint. */
class Rotation {
  readonly #sealed: SealedStore
  readonly #plan: RotationPlan
  readonly #counts = { rewrapped: 0, created: 0, reencrypted: 0, skipped: 0, foreign: 0 }
  #phase: RotationPhase
  #after: string | undefined
  #settledAt: number | undefined
  #failed = 0
  #failures: RotationFailure[] = []
  /** Key owners that got no new data key because of a failure. The last pass tries again. */
  readonly #missed: Set<KeyOwner>
  /** Key owners that still have values under an old data key. */
  readonly #held = new Set<KeyOwner>()

  constructor(sealed: SealedStore, plan: RotationPlan, from: Checkpoint | undefined) {
    this.#sealed = sealed
    this.#plan = plan
    this.#phase = from?.phase ?? 'keys'
    this.#after = from?.after
    this.#settledAt = from?.settledAt
    this.#missed = new Set(from?.missed)
    Object.assign(this.#counts, from?.counts)
  }

  /** Wraps every data key under the current key-encryption key. Skips those that are. */
  async rewrap(): Promise<RotationReport> {
    const whole = await this.#walkDataKeys({ save: false })
    return this.#report(whole && this.#failed === 0)
  }

  /** Makes new data keys, seals every value under them, and checks again what other processes wrote meanwhile. */
  async reencrypt(): Promise<RotationReport> {
    const { clock, store } = this.#sealed
    await this.#save()
    if (this.#phase === 'keys') {
      if (!(await this.#walkDataKeys({ save: true }))) return this.#report(false)
      this.#settledAt = clock.now() + this.#plan.settleMs
      await this.#enter('values')
    }
    if (this.#phase === 'values') {
      if (!(await this.#walkValues())) return this.#report(false)
      await this.#enter('check')
    }
    if (!(await this.#settle())) return this.#report(false)
    // The last pass tries every failure again, so only its failures count.
    this.#failed = 0
    this.#failures = []
    const whole = (await this.#walkDataKeys({ save: true })) && (await this.#walkValues())
    if (!whole || this.#failed > 0) return this.#report(false)
    const dropped = await this.#dropRetired()
    await dropCheckpoint(store)
    return this.#report(true, dropped)
  }

  /** @param how.save whether this is part of a re-encryption, which adds data keys and saves checkpoints */
  #walkDataKeys(how: { readonly save: boolean }): Promise<boolean> {
    return walkRows(this.#sealed.store, RESERVED, {
      after: this.#after,
      signal: this.#plan.signal,
      visit: async ({ key }) => {
        if (key !== CHECKPOINT) await this.#visitDataKeys(key, how.save)
      },
      reached: (key, pageEnds) => this.#reached(key, pageEnds, how.save),
    })
  }

  async #visitDataKeys(rowKey: string, reencrypts: boolean): Promise<void> {
    const owner = keyOwnerAt(rowKey)
    const add = reencrypts && (this.#phase === 'keys' || this.#missed.has(owner))
    const { rewrapped, created, failures } = await renewDataKeys(this.#sealed, owner, { keyId: this.#plan.keyId, add })
    this.#counts.rewrapped += rewrapped
    this.#counts.created += created
    if (created > 0) this.#missed.delete(owner)
    else if (add && failures.length > 0) this.#missed.add(owner)
    for (const error of failures) this.#fail(rowKey, error)
  }

  #walkValues(): Promise<boolean> {
    return walkRows(this.#sealed.store, '', {
      after: this.#after,
      signal: this.#plan.signal,
      visit: (row) => this.#visitValue(row),
      reached: (key, pageEnds) => this.#reached(key, pageEnds, true),
    })
  }

  async #visitValue(row: Stored & { readonly key: string }): Promise<void> {
    if (row.key.startsWith(RESERVED)) return
    try {
      const outcome = await resealValue(this.#sealed, row)
      if (outcome === 'expired') this.#held.add(this.#sealed.bindingOf(row.key).owner)
      if (outcome === 'resealed') this.#counts.reencrypted += 1
      else if (this.#phase === 'check') return
      else if (outcome === 'foreign') this.#counts.foreign += 1
      else this.#counts.skipped += 1
    } catch (error) {
      // A failure of a row is reported at the end. A failure of the store ends the run.
      if (!ConnectorError.is(error)) throw error
      this.#fail(row.key, error)
    }
  }

  #fail(key: string, error: ConnectorError): void {
    this.#failed += 1
    if (this.#failures.length < MAX_FAILURES) this.#failures.push({ key, error })
  }

  /** Waits until no other process can have an old data key in its cache. */
  async #settle(): Promise<boolean> {
    const { clock } = this.#sealed
    const { settleMs, signal } = this.#plan
    const waitMs = Math.min((this.#settledAt ?? 0) - clock.now(), settleMs)
    if (waitMs > 0) {
      await sleep(clock, waitMs, signal).catch((reason: unknown) => {
        if (signal?.aborted !== true) throw reason
      })
    }
    return signal?.aborted !== true
  }

  async #dropRetired(): Promise<number> {
    let dropped = 0
    for await (const { owner } of listDataKeyRows(this.#sealed.store)) {
      if (!this.#held.has(owner)) dropped += await dropRetiredDataKeys(this.#sealed, owner)
    }
    return dropped
  }

  async #reached(key: string, pageEnds: boolean, save: boolean): Promise<void> {
    // The last pass must be complete, and a rewrap finds by itself what is left.
    if (save && this.#phase !== 'check') this.#after = key
    if (!pageEnds && this.#plan.signal?.aborted !== true) return
    if (save) await this.#save()
    this.#emit()
  }

  async #enter(phase: RotationPhase): Promise<void> {
    this.#phase = phase
    this.#after = undefined
    await this.#save()
    this.#emit()
  }

  #save(): Promise<void> {
    const [phase, after, settledAt] = [this.#phase, this.#after, this.#settledAt]
    return writeCheckpoint(this.#sealed.store, {
      phase,
      after,
      settledAt,
      missed: [...this.#missed],
      counts: this.#counts,
    })
  }

  #emit(): void {
    this.#plan.onProgress?.({ phase: this.#phase, ...this.#counts })
  }

  #report(finished: boolean, dropped = 0): RotationReport {
    return { ...this.#counts, finished, failed: this.#failed, failures: this.#failures, dropped }
  }
}
