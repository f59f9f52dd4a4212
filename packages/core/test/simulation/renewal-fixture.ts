import type { GrantFlow } from '../../src/auth/grant-flow.ts'
import type { Grant } from '../../src/auth/grant.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { parseRecord } from '../../src/vault/read-record.ts'
import { renewalTiming } from '../../src/vault/renewal/refresh-timing.ts'
import type { RenewalContext, RenewalEvent, Row } from '../../src/vault/renewal/renewal-context.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import { VirtualTime } from './virtual-time.ts'

export const MINUTE = 60_000
const EPOCH = Date.UTC(2026, 10, 21, 12)
const PLACE = 'connection/demo/ada/default'

/** Returns a grant of `generation` that was issued now and lives for an hour. */
const grantOf = (now: number, generation: number): Grant => ({
  accessToken: `access${generation}`,
  refreshToken: `refresh${generation}`,
  issuedAt: now,
  expiresAt: now + 60 * MINUTE,
})

export type Exchange = (record: ConnectionRecord, signal: AbortSignal) => Promise<Grant>

interface Faults {
  /** The faults of the next writes, in order. */
  readonly writes: ('fails' | 'reports a failure')[]
  reads: 'fail' | 'succeed'
  writeMs: number
}

/** One connection in a store, and workers that refresh it step by step in virtual time. */
export class RenewalFixture {
  readonly time = new VirtualTime()
  readonly events: string[] = []
  readonly exchanged: string[] = []
  readonly discarded: string[] = []
  readonly faults: Faults = { writes: [], reads: 'succeed', writeMs: 0 }
  readonly #refresh: GrantFlow['refresh']
  readonly #store = memoryStore({ clock: this.clock() })

  constructor(refresh: GrantFlow['refresh'] = { rotation: 'single_use' }) {
    this.#refresh = refresh
  }

  clock(skewMs = 0): Clock {
    const { time } = this
    return {
      now: () => EPOCH + time.now + skewMs,
      monotonic: () => time.now,
      schedule: (delayMs, run) => time.after(delayMs, run),
    }
  }

  get now(): number {
    return EPOCH + this.time.now
  }

  grant(generation: number, but: Partial<Grant> = {}): Grant {
    return { ...grantOf(this.now, generation), ...but }
  }

  /** Writes the row of a new connection, and advances the time until the grant is due. */
  async connect(but: Partial<ConnectionRecord> = {}, passMs = 58 * MINUTE): Promise<void> {
    await this.force({ credential: {}, grant: this.grant(0), ...but })
    await this.pass(passMs)
  }

  async force(record: ConnectionRecord | undefined): Promise<void> {
    if (record === undefined) await this.#store.delete(PLACE)
    else await this.#store.put(PLACE, JSON.stringify(record))
  }

  async row(): Promise<Row | undefined> {
    const stored = await this.#store.get(PLACE)
    return stored && { record: parseRecord(stored.value, PLACE), version: stored.version }
  }

  async record(): Promise<ConnectionRecord> {
    const row = await this.row()
    if (row === undefined) throw new Error('There is no row.')
    return row.record
  }

  worker(owner: string, exchange: Exchange, options: { readonly skewMs?: number } = {}): RenewalContext {
    return {
      storeKey: PLACE,
      owner,
      flow: { refresh: this.#refresh, renewal: 'refresh_token' },
      timing: renewalTiming,
      clock: this.clock(options.skewMs),
      random: () => 0.5,
      read: async () => {
        if (this.faults.reads === 'fail') throw new Error('The store is down.')
        return this.row()
      },
      write: async (record, ifVersion) => {
        if (this.faults.writeMs > 0) await this.delay(this.faults.writeMs)
        const fault = this.faults.writes.shift()
        if (fault === 'fails') throw new Error('The store is down.')
        const result = await this.#store.put(PLACE, JSON.stringify(record), { ifVersion })
        if (fault !== undefined) throw new Error('The store wrote, but the response was lost.')
        return 'conflict' in result ? undefined : { record, version: result.version }
      },
      exchange: async (record, signal) => {
        this.exchanged.push(`${owner} ${record.grant?.refreshToken}`)
        return exchange(record, signal)
      },
      discard: (grant) => {
        this.discarded.push(grant.accessToken)
        return Promise.resolve()
      },
      emit: (event: RenewalEvent) => {
        this.events.push(`${owner} ${event}`)
      },
    }
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.time.after(ms, resolve)
    })
  }

  async pass(ms: number): Promise<void> {
    this.time.after(0, () => undefined)
    await this.time.pass(this.time.now + ms, () => true)
  }

  /** Advances the time until the promise is settled, by an hour at most. */
  async settle<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
    let settled: PromiseSettledResult<T> | undefined
    void Promise.allSettled([promise]).then(([result]) => {
      settled = result
    })
    this.time.after(0, () => undefined)
    await this.time.pass(this.time.now + 60 * MINUTE, () => settled === undefined)
    if (settled === undefined) throw new Error('The promise is pending after an hour.')
    return settled
  }

  async done<T>(promise: Promise<T>): Promise<T> {
    const result = await this.settle(promise)
    if (result.status === 'rejected') throw result.reason
    return result.value
  }

  /** Returns the reason with which the promise rejects. */
  async failure(promise: Promise<unknown>): Promise<unknown> {
    const result = await this.settle(promise)
    if (result.status === 'fulfilled') throw new Error('The promise was fulfilled.')
    return result.reason as unknown
  }
}
