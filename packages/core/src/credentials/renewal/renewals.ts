import { ConnectorError } from '../../errors/connector-error.ts'
import { landGrant, UnsavedGrant } from './land-grant.ts'
import { renewGrant } from './renew-grant.ts'
import type { RenewalCause, RenewalWorld, Row } from './renewal-world.ts'
import { refusalOf } from './verify-stored.ts'

/** The renewals of one process: one at a time for each connection, and what they got and could not write. */
export class Renewals {
  readonly #running = new Map<string, Promise<Row>>()
  readonly #unsaved = new Map<string, UnsavedGrant>()

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
    for (let running = this.#running.get(place); running !== undefined; running = this.#running.get(place)) {
      const row = await running
      // The others may have been content with the very token that was refused.
      if (cause.kind === 'expiring' || row.record.grant?.accessToken !== cause.accessToken) return row
    }
    const renewing = this.#renewOrLand(place, cause, world).finally(() => this.#running.delete(place))
    this.#running.set(place, renewing)
    return renewing
  }

  async #renewOrLand(place: string, cause: RenewalCause, worldOf: () => Promise<RenewalWorld>): Promise<Row> {
    const world = await worldOf()
    const kept = this.#unsaved.get(place)
    try {
      if (kept !== undefined) {
        await landGrant({ ...world, verify: () => kept.verify }, kept.spent, kept.grant, cause)
      }
      this.#unsaved.delete(place)
      return await renewGrant(world, cause)
    } catch (error) {
      if (error instanceof UnsavedGrant) {
        this.#unsaved.set(place, error)
        const refusal = error.verify && (await refusalOf(world, error.verify))
        if (refusal !== undefined) throw refusal
        // It works, whether the store has it or not.
        return { record: { ...error.spent, grant: error.grant }, version: null }
      }
      if (ConnectorError.is(error)) this.#unsaved.delete(place)
      throw error
    }
  }
}
