import { systemClock } from '../../ports/clock.ts'
import type { Clock } from '../../ports/clock.ts'
import { isStoreFailure, storeUnavailable, STORE_TIMEOUT_MS } from '../../ports/store-failure.ts'
import { commitGrant, UncommittedGrant, verificationFailure } from './commit-grant.ts'
import { renewGrant } from './renew-grant.ts'
import type { RenewalCause, RenewalContext, Row } from './renewal-context.ts'

/** A running renewal. */
interface Flight {
  readonly row: Promise<Row>
  readonly progress: Progress
}

interface Progress {
  /** The start of the running operation of the store, on the monotonic clock. */
  storeBusySince: number | undefined
  /** The grant that was obtained, until it is known to be stored. */
  granted: UncommittedGrant | undefined
  /** A later call did not wait for it: it must not continue beside the renewal of that call. */
  isAbandoned: boolean
}

/** The renewals of one process: a single flight for each connection, and the grants that could not be written. */
export class Renewals {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #running = new Map<string, Flight>()
  readonly #uncommitted = new Map<string, UncommittedGrant>()

  constructor(clock: Pick<Clock, 'monotonic'> = systemClock) {
    this.#clock = clock
  }

  isRunning(storeKey: string): boolean {
    return this.#running.has(storeKey)
  }

  /** Returns the grant that was obtained for a row and could not be written. */
  uncommitted(storeKey: string): UncommittedGrant | undefined {
    return this.#uncommitted.get(storeKey)
  }

  /** Drops the grant that could not be written, because the row was replaced or deleted. */
  forget(storeKey: string): void {
    this.#uncommitted.delete(storeKey)
  }

  /**
   * Renews the grant of a row, as {@link renewGrant} does. If the grant cannot be written, the row that is returned has no
   * version, and writing is tried again with the next renewal.
   */
  async renew(storeKey: string, cause: RenewalCause, contextOf: () => Promise<RenewalContext>): Promise<Row> {
    for (let running = this.#joinable(storeKey); running !== undefined; running = this.#joinable(storeKey)) {
      const row = await running.row
      // The others may have accepted the very token that was refused.
      if (cause.kind === 'expiring' || row.record.grant?.accessToken !== cause.accessToken) return row
    }
    const progress: Progress = { storeBusySince: undefined, granted: undefined, isAbandoned: false }
    const row = this.#renewOrCommit(storeKey, cause, contextOf, progress).finally(() => {
      if (this.#running.get(storeKey)?.progress === progress) this.#running.delete(storeKey)
    })
    this.#running.set(storeKey, { row, progress })
    return row
  }

  /** Returns the running renewal. One that is stuck in the store is abandoned, and its grant is kept. */
  #joinable(storeKey: string): Flight | undefined {
    const running = this.#running.get(storeKey)
    const { storeBusySince, granted } = running?.progress ?? {}
    if (storeBusySince === undefined || this.#clock.monotonic() - storeBusySince < STORE_TIMEOUT_MS) return running
    if (granted !== undefined && !this.#uncommitted.has(storeKey)) this.#uncommitted.set(storeKey, granted)
    if (running !== undefined) running.progress.isAbandoned = true
    this.#running.delete(storeKey)
    return undefined
  }

  async #renewOrCommit(
    storeKey: string,
    cause: RenewalCause,
    contextOf: () => Promise<RenewalContext>,
    progress: Progress,
  ): Promise<Row> {
    const context = this.#tracked(await contextOf(), progress)
    const kept = this.#uncommitted.get(storeKey)
    try {
      if (kept !== undefined) {
        await commitGrant({ ...context, verify: () => kept.verify }, kept.spent, kept.grant, cause)
      }
      this.#uncommitted.delete(storeKey)
      return await renewGrant(context, cause)
    } catch (error) {
      if (error instanceof UncommittedGrant) {
        if (!progress.isAbandoned) this.#uncommitted.set(storeKey, error)
        const refusal = error.verify && (await verificationFailure(context, error.verify))
        if (refusal !== undefined) throw refusal
        // It works, whether the store has it or not.
        return { record: { ...error.spent, grant: error.grant }, version: null }
      }
      if (!isStoreFailure(error) && !progress.isAbandoned) this.#uncommitted.delete(storeKey)
      throw error
    }
  }

  /** Tracks the progress of a renewal for calls that come while it is stuck, and ends it once it is abandoned. */
  #tracked(context: RenewalContext, progress: Progress): RenewalContext {
    const timed = async <Value>(operation: () => Promise<Value>): Promise<Value> => {
      assertNotAbandoned(progress)
      progress.storeBusySince = this.#clock.monotonic()
      try {
        return await operation()
      } finally {
        progress.storeBusySince = undefined
      }
    }
    return {
      ...context,
      read: () => timed(() => context.read()),
      write: (record, ifVersion) => timed(() => context.write(record, ifVersion)),
      exchange: async (record, signal) => {
        assertNotAbandoned(progress)
        const grant = await context.exchange(record, signal)
        progress.granted = new UncommittedGrant(record, grant, undefined, context.verify?.())
        return grant
      },
    }
  }
}

/** Throws if the renewal was abandoned: both have the same lease, so this one would present the token a second time. */
function assertNotAbandoned({ isAbandoned }: Progress): void {
  if (isAbandoned) throw storeUnavailable('The store did not respond in time.')
}
