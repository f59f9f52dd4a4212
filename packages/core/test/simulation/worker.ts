import type { Grant } from '../../src/auth/grant.ts'
import type { UncommittedGrant } from '../../src/vault/renewal/commit-grant.ts'
import { isValid, renewAt } from '../../src/vault/renewal/refresh-timing.ts'
import { disconnectedConnection } from '../../src/vault/connection-errors.ts'
import {
  isInService,
  type RenewalCause,
  type RenewalContext,
  type Row,
} from '../../src/vault/renewal/renewal-context.ts'
import { Renewals } from '../../src/vault/renewal/renewals.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { refreshOf } from './authorization-server.ts'
import { count } from './counts.ts'
import type { Mutant } from './mutant.ts'
import { seededRandom } from './random.ts'
import { strayMs } from './rare-faults.ts'
import { between, forever, type SimulationContext } from './simulation-context.ts'
import { SigningKeysCache } from './signing-keys-cache.ts'
import { PLACE, type UnreliableStore } from './unreliable-store.ts'
import { discard, present } from './token-endpoint.ts'

/** The TTL of a cached row. */
const CACHE_TTL_MS = 30_000
/** The timeout of a call, if calls have one. */
const CALL_TIMEOUT_MS = 2 * 60_000
const EPOCH = Date.UTC(2026, 10, 21, 12)

export type CallEnd =
  | { readonly how: 'succeeded'; readonly accessToken: string }
  | { readonly how: 'refused' | 'gone' }
  | { readonly how: 'failed'; readonly error: unknown }

/** A process of the host that calls an API for one tenant, and refreshes the grant as the vault does. */
export class Worker {
  readonly id: string
  readonly clock: Clock
  /** A trouble affects this worker if its share is above this value. */
  readonly luck: number
  alive = true
  skewMs: number
  /** The end of the time in which the store is unreachable for this worker alone. */
  cutOffUntil = -Infinity
  jumpedAt = -Infinity
  pausedAt = -Infinity
  pausedUntil = -Infinity
  /** Whether its last read of the row found that the connection may not be used. */
  sawRemoval = false
  /** The grant that is being written to the store. */
  committing: Grant | undefined
  /** Whether the id_token that came with the last grant can be verified at once. */
  isVerifiable = true
  /** Whether its clock has ever been off by more than leases allow for. */
  wasStray = false
  /** The cause of the running refresh. */
  cause: RenewalCause | undefined
  readonly #simulation: SimulationContext
  readonly #store: UnreliableStore
  readonly #mutant: Mutant
  readonly #context: RenewalContext
  readonly #idTokenRandom: () => number
  readonly #clockRandom: () => number
  readonly #keys: SigningKeysCache
  /** The id of the key that signed the last id_token. */
  #kid = ''
  #known: { readonly row: Row; readonly at: number } | undefined
  readonly #renewals: Renewals
  #isGone = false

  constructor(
    simulation: SimulationContext,
    store: UnreliableStore,
    options: { id: string; skewMs: number; luck: number; mutant: Mutant },
  ) {
    const { time, plan } = simulation
    this.#simulation = simulation
    this.#store = store
    this.#mutant = options.mutant
    this.id = options.id
    this.skewMs = options.skewMs
    this.luck = options.luck
    this.#idTokenRandom = seededRandom(`${plan.seed} id_token ${options.id}`)
    this.#clockRandom = seededRandom(`${plan.seed} clock ${options.id}`)
    // It may have the clock of a process that has crashed.
    this.wasStray = Math.abs(this.skewMs) > plan.skewMs
    if (this.#clockRandom() < plan.rare.strayClocks) this.#stray()
    // Each process counts from its own start.
    const origin = between(simulation, 0, 1e6)
    this.clock = {
      now: () => EPOCH + time.now + this.skewMs,
      monotonic: () => origin + time.now,
      schedule: (delayMs, run) =>
        time.after(delayMs, () => {
          this.meet(run)
        }),
    }
    this.#keys = new SigningKeysCache(simulation, this, this.clock, options.mutant.keepsKeys !== true)
    const context: RenewalContext = {
      storeKey: PLACE,
      owner: this.id,
      flow: { refresh: refreshOf(plan.model), renewal: 'refresh_token' },
      timing: { ...plan.timing, ...options.mutant.timing },
      clock: this.clock,
      random: simulation.random,
      read: () => this.#read(true),
      write: async (record, ifVersion) => this.#wrote(await store.write(this, record, ifVersion)),
      exchange: async (record, signal) => {
        this.committing = undefined
        const grant = await present(simulation, this, record, signal)
        this.committing = grant
        this.isVerifiable = this.#idTokenRandom() >= plan.unverifiable
        if (plan.rare.rotatesKeysMs > 0) this.#kid = this.#keys.current
        return grant
      },
      verify: () => () => this.#verify(),
      discard: (grant) => discard(simulation, this, grant),
      emit: (event, row) => {
        simulation.judge.emitted(this, event, row)
      },
    }
    // Nothing hangs if no time passes.
    this.#renewals = new Renewals(options.mutant.staysStuck === true ? { monotonic: () => 0 } : this.clock)
    this.#context = options.mutant.context?.(context, this) ?? context
  }

  /** The grant that could not be written. */
  get uncommitted(): UncommittedGrant | undefined {
    return this.#renewals.uncommitted(PLACE)
  }

  /** Calls the API once, as a host does. The call has a timeout if the store may never respond. */
  call(): Promise<CallEnd> {
    const { time, plan, judge } = this.#simulation
    if (!plan.rare.silent) return this.#call()
    const beganAt = time.now
    return new Promise((resolve) => {
      const cancel = time.after(CALL_TIMEOUT_MS, () => {
        judge.timedOut(this, beganAt)
        resolve({ how: 'failed', error: new ConnectorError('TIMEOUT', 'The call took too long.') })
      })
      void this.#call().then((end) => {
        cancel()
        resolve(end)
      })
    })
  }

  async #call(): Promise<CallEnd> {
    try {
      const found = await this.#find()
      if (found === undefined) return { how: 'gone' }
      const first = found.record.grant?.accessToken ?? ''
      if (await this.#ask(first)) return { how: 'succeeded', accessToken: first }
      const row = await this.#renew({ kind: 'refused', accessToken: first })
      const second = row.record.grant?.accessToken ?? ''
      if (await this.#ask(second)) return { how: 'succeeded', accessToken: second }
      // Only some schedules have 401s that say nothing about the token.
      if (this.#simulation.suffers(this, 'not_allowed')) await this.#noteRefusedFresh(second)
      return { how: 'refused' }
    } catch (error) {
      if (ConnectorError.is(error) && error.details.reason === 'fresh_token_refused') return { how: 'refused' }
      if (!ConnectorError.is(error) && !isStoreError(error)) {
        this.#simulation.judge.fail('only_known_errors', `${this.id} met ${String(error)}`)
      }
      const isGone = ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE'
      return isGone ? { how: 'gone' } : { how: 'failed', error }
    }
  }

  /** Runs an external event in this process once it is not paused, unless it has crashed. */
  meet(run: () => void): void {
    const { time } = this.#simulation
    if (!this.alive) return
    this.#mayJump()
    if (time.now >= this.pausedUntil && this.#simulation.happens('pause')) {
      this.pausedAt = time.now
      this.pausedUntil = time.now + between(this.#simulation, 1000, 90_000)
      this.#simulation.note(this.id, () => 'pauses')
    }
    if (time.now >= this.pausedUntil) run()
    else {
      time.after(this.pausedUntil - time.now, () => {
        if (this.alive) run()
      })
    }
  }

  /** Clears the cached row, so that the next call reads it. */
  forget(): void {
    this.#known = undefined
  }

  /** Returns a row with a usable grant, or undefined if there is none. */
  async #find(): Promise<Row | undefined> {
    const known = this.#known
    if (known !== undefined && this.clock.monotonic() - known.at < CACHE_TTL_MS && this.#isFresh(known.row)) {
      return known.row
    }
    const row = await this.#read(false)
    this.#keep(row)
    const { state = 'active', grant } = row?.record ?? {}
    if (row === undefined || state === 'revoked' || state === 'pending') return undefined
    if (state === 'active' && this.#isFresh(row)) return row
    const works = state !== 'needs_reauth' && grant !== undefined && isValid(grant, this.clock.now())
    if (works && this.#renewals.isRunning(PLACE)) return row
    try {
      return await this.#renew({ kind: 'expiring' })
    } catch (error) {
      // The store is down: a valid token stays in use, unless this process has read that the connection is gone.
      if (works && !this.#isGone && !ConnectorError.is(error)) return row
      throw error
    }
  }

  /** Verifies the id_token. Rejects if the server does not list its key yet. */
  async #verify(): Promise<void> {
    count(this.#simulation.judge.counts, 'id_tokens judged')
    if (this.isVerifiable && (this.#kid === '' || (await this.#keys.knows(this.#kid)))) return
    count(this.#simulation.judge.counts, 'id_tokens that could not be judged')
    throw new ConnectorError('MCP_CONNECTION_ERROR', 'The key of the id_token is not listed.')
  }

  async #read(renewing: boolean): Promise<Row | undefined> {
    const row = await this.#store.read(this, renewing)
    this.#isGone = row === undefined || row.record.state === 'revoked'
    return row
  }

  /** Records the refusal of a fresh token, as the pipeline does after the second 401. */
  async #noteRefusedFresh(accessToken: string): Promise<void> {
    count(this.#simulation.judge.counts, 'refusals of fresh tokens')
    const at = this.clock.now()
    for (;;) {
      const row = await this.#store.read(this, false)
      const { state, grant, generation = 0, refusedFresh } = row?.record ?? {}
      if (
        row === undefined ||
        state === 'revoked' ||
        grant?.accessToken !== accessToken ||
        refusedFresh?.generation === generation
      )
        return
      const noted = await this.#store.write(this, { ...row.record, refusedFresh: { generation, at } }, row.version)
      if (noted !== undefined) return
    }
  }

  #stray(): void {
    const { judge } = this.#simulation
    if (!this.wasStray) count(judge.counts, 'stray clocks')
    this.wasStray = true
    this.skewMs = strayMs(this.#clockRandom)
  }

  /** Lets a wrong clock jump, or corrects it, at any time. */
  #mayJump(): void {
    const { time, plan, judge } = this.#simulation
    if (!this.wasStray || time.now >= plan.calmAt || this.#clockRandom() >= 0.02) return
    count(judge.counts, 'clock jumps of hours')
    if (this.#clockRandom() < 0.4) this.skewMs = 0
    else this.#stray()
    this.jumpedAt = time.now
    this.#simulation.note(this.id, () => `its clock jumps, and is ${Math.round(this.skewMs / 60_000)} minutes off`)
  }

  #isFresh({ record: { grant } }: Row): boolean {
    return grant !== undefined && this.clock.now() < renewAt(grant, PLACE)
  }

  #keep(row: Row | undefined): void {
    this.#known = row !== undefined && isInService(row.record) ? { row, at: this.clock.monotonic() } : undefined
  }

  #wrote(row: Row | undefined): Row | undefined {
    const { lease } = row?.record ?? {}
    if (lease?.owner !== this.id || !this.#simulation.happens('crashWithLease')) return row
    this.#simulation.crash(this, 'with a fresh lease')
    return row
  }

  async #renew(cause: RenewalCause): Promise<Row> {
    try {
      const row = await this.#renewals.renew(PLACE, cause, () => {
        this.cause = cause
        if (this.#mutant.losesStuck === true) this.#renewals.forget(PLACE)
        return Promise.resolve(this.#context)
      })
      const isStored = row.version !== null
      this.#keep(isStored ? row : undefined)
      // This process has read that the connection is gone.
      if (!isStored && this.#isGone) throw disconnectedConnection()
      return row
    } catch (error) {
      this.#keep(undefined)
      throw error
    } finally {
      if (this.#mutant.losesUncommitted === true) this.#renewals.forget(PLACE)
      if (this.cause === cause) this.#renewalEnded()
    }
  }

  #renewalEnded(): void {
    this.cause = undefined
    this.committing = undefined
    this.#simulation.judge.renewalEnded(this)
  }

  /** Returns whether the API accepted the token. */
  #ask(accessToken: string): Promise<boolean> {
    const simulation = this.#simulation
    if (!this.alive) return forever()
    simulation.judge.called(this, accessToken)
    return new Promise((resolve) => {
      simulation.time.after(between(simulation, 20, 400), () => {
        this.meet(() => {
          const accepted =
            simulation.server.accepts(accessToken, simulation.time.now) && !simulation.suffers(this, 'not_allowed')
          if (!accepted) simulation.judge.unauthorized()
          resolve(accepted)
        })
      })
    })
  }
}

const isStoreError = (error: unknown): boolean => error instanceof Error && error.message.startsWith('The store is out')
