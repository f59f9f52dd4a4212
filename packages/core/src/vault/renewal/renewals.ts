import { systemClock } from '../../ports/clock.ts'
import type { Clock } from '../../ports/clock.ts'
import { isStoreFailure, storeUnavailable, STUCK_AFTER_MS } from '../../ports/store-failure.ts'
import { landGrant, UnsavedGrant } from './land-grant.ts'
import { renewGrant } from './renew-grant.ts'
import type { RenewalCause, RenewalWorld, Row } from './renewal-world.ts'
import { refusalOf } from './verify-stored.ts'

/** A renewal that is under way. */
interface Flight {
  readonly row: Promise<Row>
  readonly progress: Progress
}

interface Progress {
  /** When the operation of the store began that is under way, on the monotonic clock. */
  storeBusySince: number | undefined
  /** What was got, as long as it is not sure to be stored. */
  granted: UnsavedGrant | undefined
  /** A later call did not wait for it: it must not go on beside the renewal of that call. */
  isAbandoned: boolean
}

/** The renewals of one process: one at a time for each connection, and what they got and could not write. */
export class Renewals {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #running = new Map<string, Flight>()
  readonly #unsaved = new Map<string, UnsavedGrant>()

  constructor(clock: Pick<Clock, 'monotonic'> = systemClock) {
    this.#clock = clock
  }

  isRunning(place: string): boolean {
    return this.#running.has(place)
  }

  /** A grant that was got for what is there, and could not be written. */
  unsaved(place: string): UnsavedGrant | undefined {
    return this.#unsaved.get(place)
  }

  /** Something else has taken the place of what was there. */
  forget(place: string): void {
    this.#unsaved.delete(place)
  }

  /** See {@link renewGrant}; where the grant cannot be written, its row is at no version, and it is tried again later. */
  async renew(place: string, cause: RenewalCause, world: () => Promise<RenewalWorld>): Promise<Row> {
    for (let running = this.#joinable(place); running !== undefined; running = this.#joinable(place)) {
      const row = await running.row
      // The others may have been content with the very token that was refused.
      if (cause.kind === 'expiring' || row.record.grant?.accessToken !== cause.accessToken) return row
    }
    const progress: Progress = { storeBusySince: undefined, granted: undefined, isAbandoned: false }
    const row = this.#renewOrLand(place, cause, world, progress).finally(() => {
      if (this.#running.get(place)?.progress === progress) this.#running.delete(place)
    })
    this.#running.set(place, { row, progress })
    return row
  }

  /** The renewal that is under way, if it is not stuck in the store. One that is stuck is left, with what it has got. */
  #joinable(place: string): Flight | undefined {
    const running = this.#running.get(place)
    const { storeBusySince, granted } = running?.progress ?? {}
    if (storeBusySince === undefined || this.#clock.monotonic() - storeBusySince < STUCK_AFTER_MS) return running
    if (granted !== undefined && !this.#unsaved.has(place)) this.#unsaved.set(place, granted)
    if (running !== undefined) running.progress.isAbandoned = true
    this.#running.delete(place)
    return undefined
  }

  async #renewOrLand(
    place: string,
    cause: RenewalCause,
    worldOf: () => Promise<RenewalWorld>,
    progress: Progress,
  ): Promise<Row> {
    const world = this.#watched(await worldOf(), progress)
    const kept = this.#unsaved.get(place)
    try {
      if (kept !== undefined) {
        await landGrant({ ...world, verify: () => kept.verify }, kept.spent, kept.grant, cause)
      }
      this.#unsaved.delete(place)
      return await renewGrant(world, cause)
    } catch (error) {
      if (error instanceof UnsavedGrant) {
        if (!progress.isAbandoned) this.#unsaved.set(place, error)
        const refusal = error.verify && (await refusalOf(world, error.verify))
        if (refusal !== undefined) throw refusal
        // It works, whether the store has it or not.
        return { record: { ...error.spent, grant: error.grant }, version: null }
      }
      if (!isStoreFailure(error) && !progress.isAbandoned) this.#unsaved.delete(place)
      throw error
    }
  }

  /** Notes where the renewal is, for calls that come while it is stuck, and ends it where one has left it. */
  #watched(world: RenewalWorld, progress: Progress): RenewalWorld {
    const timed = async <Value>(operation: () => Promise<Value>): Promise<Value> => {
      mustNotBeAbandoned(progress)
      progress.storeBusySince = this.#clock.monotonic()
      try {
        return await operation()
      } finally {
        progress.storeBusySince = undefined
      }
    }
    return {
      ...world,
      read: () => timed(() => world.read()),
      write: (record, ifVersion) => timed(() => world.write(record, ifVersion)),
      spend: async (record, signal) => {
        mustNotBeAbandoned(progress)
        const grant = await world.spend(record, signal)
        progress.granted = new UnsavedGrant(record, grant, undefined, world.verify?.())
        return grant
      },
    }
  }
}

/** Both renewals have the same lease, so the one that was left would show the token a second time. */
function mustNotBeAbandoned({ isAbandoned }: Progress): void {
  if (isAbandoned) throw storeUnavailable('The store did not respond in time.')
}
