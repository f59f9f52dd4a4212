import { ConnectorError } from '../errors/connector-error.ts'
import { sleep } from '../ports/clock.ts'
import type { Stored } from '../ports/store.ts'
import { CHECKPOINT, listDataKeyRows, RESERVED, scopeAt } from './data-key-row.ts'
import type { Scope } from './key-scope.ts'
import { dropRetiredDataKeys, renewDataKeys } from './renew-data-keys.ts'
import { resealValue } from './reseal-value.ts'
import { dropCheckpoint, writeCheckpoint } from './rotation-checkpoint.ts'
import type { Checkpoint, RotationCounts, RotationPhase } from './rotation-checkpoint.ts'
import type { SealedStore } from './sealed-store.ts'
import { walkRows } from './walk-rows.ts'

export interface RotationProgress extends RotationCounts {
  readonly phase: RotationPhase
}

export interface RotationReport extends RotationCounts {
  /** Whether everything is under the current keys: false if the run was stopped, or if something failed. */
  readonly finished: boolean
  /** Data keys and values that stay under an old key, since they do not open. Nothing was done to them. */
  readonly failed: number
  /** The first hundred of those. Their keys in the store name tenants. */
  readonly failures: readonly RotationFailure[]
  /** Data keys that were dropped: replaced more than a day ago, with nothing under them. */
  readonly dropped: number
}

export interface RotationFailure {
  /** The key of the store. */
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

const MOST_FAILURES = 100

/** One run over a store, from its beginning or from where another one ended. */
export class Rotation {
  readonly #sealed: SealedStore
  readonly #plan: RotationPlan
  readonly #counts = { rewrapped: 0, created: 0, reencrypted: 0, skipped: 0, foreign: 0 }
  #phase: RotationPhase
  #after: string | undefined
  #settledAt: number | undefined
  #failed = 0
  #failures: RotationFailure[] = []
  /** Scopes that got no new data key, because of their row or the store: the last look makes up for it. */
  readonly #missed: Set<Scope>
  /** Scopes that still have a value under an old data key. */
  readonly #held = new Set<Scope>()

  constructor(sealed: SealedStore, plan: RotationPlan, from: Checkpoint | undefined) {
    this.#sealed = sealed
    this.#plan = plan
    this.#phase = from?.phase ?? 'keys'
    this.#after = from?.after
    this.#settledAt = from?.settledAt
    this.#missed = new Set(from?.missed)
    Object.assign(this.#counts, from?.counts)
  }

  /** Wraps every data key under the current key-encryption key. What is under it already costs nothing. */
  async rewrap(): Promise<RotationReport> {
    const whole = await this.#walkDataKeys({ save: false })
    return this.#report(whole && this.#failed === 0)
  }

  /** New data keys, every value under them, and a last look at what others wrote meanwhile. */
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
    // Whatever failed so far is tried once more, so only the last look counts.
    this.#failed = 0
    this.#failures = []
    const whole = (await this.#walkDataKeys({ save: true })) && (await this.#walkValues())
    if (!whole || this.#failed > 0) return this.#report(false)
    const dropped = await this.#dropRetired()
    await dropCheckpoint(store)
    return this.#report(true, dropped)
  }

  /** @param how.save whether it is part of a re-encryption, which adds data keys and keeps a checkpoint */
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

  async #visitDataKeys(place: string, reencrypts: boolean): Promise<void> {
    const scope = scopeAt(place)
    const add = reencrypts && (this.#phase === 'keys' || this.#missed.has(scope))
    const { rewrapped, created, failures } = await renewDataKeys(this.#sealed, scope, { keyId: this.#plan.keyId, add })
    this.#counts.rewrapped += rewrapped
    this.#counts.created += created
    if (created > 0) this.#missed.delete(scope)
    else if (add && failures.length > 0) this.#missed.add(scope)
    for (const error of failures) this.#fail(place, error)
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
      if (outcome === 'ending') this.#held.add(this.#sealed.placeOf(row.key).scope)
      if (outcome === 'resealed') this.#counts.reencrypted += 1
      else if (this.#phase === 'check') return
      else if (outcome === 'foreign') this.#counts.foreign += 1
      else this.#counts.skipped += 1
    } catch (error) {
      // What is wrong with a row is told at the end; what is wrong with the store ends the run.
      if (!ConnectorError.is(error)) throw error
      this.#fail(row.key, error)
    }
  }

  #fail(key: string, error: ConnectorError): void {
    this.#failed += 1
    if (this.#failures.length < MOST_FAILURES) this.#failures.push({ key, error })
  }

  /** Other processes write under a data key for as long as they have it at hand. */
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
    for await (const { scope } of listDataKeyRows(this.#sealed.store)) {
      if (!this.#held.has(scope)) dropped += await dropRetiredDataKeys(this.#sealed, scope)
    }
    return dropped
  }

  async #reached(key: string, pageEnds: boolean, save: boolean): Promise<void> {
    // The last look has to be a whole one, and rewrapping finds by itself what is left to do.
    if (save && this.#phase !== 'check') this.#after = key
    if (!pageEnds && this.#plan.signal?.aborted !== true) return
    if (save) await this.#save()
    this.#tell()
  }

  async #enter(phase: RotationPhase): Promise<void> {
    this.#phase = phase
    this.#after = undefined
    await this.#save()
    this.#tell()
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

  #tell(): void {
    this.#plan.onProgress?.({ phase: this.#phase, ...this.#counts })
  }

  #report(finished: boolean, dropped = 0): RotationReport {
    return { ...this.#counts, finished, failed: this.#failed, failures: this.#failures, dropped }
  }
}
