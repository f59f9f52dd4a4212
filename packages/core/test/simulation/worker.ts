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
import { diceOf } from './random.ts'
import { strayMs } from './rare-faults.ts'
import { between, forever, type Scene } from './scene.ts'
import { SigningKeysCache } from './signing-keys-cache.ts'
import { PLACE, type StoreWire } from './store-wire.ts'
import { discard, present } from './token-endpoint.ts'

/** A process trusts what it has read for so long. */
const AT_HAND_MS = 30_000
/** The time limit of a call, where calls have one. */
const CALL_LIMIT_MS = 2 * 60_000
const EPOCH = Date.UTC(2026, 10, 21, 12)

export type CallEnd =
  | { readonly how: 'answered'; readonly accessToken: string }
  | { readonly how: 'refused' | 'gone' }
  | { readonly how: 'failed'; readonly error: unknown }

/** One process of the app: it calls an API for one tenant, and renews the grant as the vault does. */
export class Worker {
  readonly id: string
  readonly clock: Clock
  /** Below the share of a trouble, the trouble is this worker's. */
  readonly luck: number
  alive = true
  skewMs: number
  /** Until then the store is out of reach for it alone. */
  cutOffUntil = -Infinity
  jumpedAt = -Infinity
  pausedAt = -Infinity
  pausedUntil = -Infinity
  /** Whether its last look at the row found that the connection may not be used. */
  sawRemoval = false
  /** The grant that is on its way into the store. */
  landing: Grant | undefined
  /** Whether the id_token that came with the last grant can be verified at once. */
  isVerifiable = true
  /** Whether its clock has ever been off by more than leases allow for. */
  wasStray = false
  /** Why it renews the grant now. */
  cause: RenewalCause | undefined
  readonly #scene: Scene
  readonly #wire: StoreWire
  readonly #mutant: Mutant
  readonly #world: RenewalContext
  readonly #idTokenDice: () => number
  readonly #clockDice: () => number
  readonly #keys: SigningKeysCache
  /** Signed the id_token that came with the last grant. */
  #kid = ''
  #known: { readonly row: Row; readonly at: number } | undefined
  readonly #renewals: Renewals
  #isGone = false

  constructor(scene: Scene, wire: StoreWire, options: { id: string; skewMs: number; luck: number; mutant: Mutant }) {
    const { time, plan } = scene
    this.#scene = scene
    this.#wire = wire
    this.#mutant = options.mutant
    this.id = options.id
    this.skewMs = options.skewMs
    this.luck = options.luck
    this.#idTokenDice = diceOf(`${plan.seed} id_token ${options.id}`)
    this.#clockDice = diceOf(`${plan.seed} clock ${options.id}`)
    // It may have got the clock of a process that has ended.
    this.wasStray = Math.abs(this.skewMs) > plan.skewMs
    if (this.#clockDice() < plan.rare.strayClocks) this.#stray()
    // Each process counts from its own start.
    const origin = between(scene, 0, 1e6)
    this.clock = {
      now: () => EPOCH + time.now + this.skewMs,
      monotonic: () => origin + time.now,
      schedule: (delayMs, run) =>
        time.after(delayMs, () => {
          this.meet(run)
        }),
    }
    this.#keys = new SigningKeysCache(scene, this, this.clock, options.mutant.keepsKeys !== true)
    const world: RenewalContext = {
      storeKey: PLACE,
      owner: this.id,
      flow: { refresh: refreshOf(plan.model), renewal: 'refresh_token' },
      timing: { ...plan.timing, ...options.mutant.timing },
      clock: this.clock,
      random: scene.random,
      read: () => this.#read(true),
      write: async (record, ifVersion) => this.#wrote(await wire.write(this, record, ifVersion)),
      exchange: async (record, signal) => {
        this.landing = undefined
        const grant = await present(scene, this, record, signal)
        this.landing = grant
        this.isVerifiable = this.#idTokenDice() >= plan.unverifiable
        if (plan.rare.rotatesKeysMs > 0) this.#kid = this.#keys.current
        return grant
      },
      verify: () => () => this.#verify(),
      discard: (grant) => discard(scene, this, grant),
      emit: (event, row) => {
        scene.judge.told(this, event, row)
      },
    }
    // Nothing is ever stuck where no time passes.
    this.#renewals = new Renewals(options.mutant.staysStuck === true ? { monotonic: () => 0 } : this.clock)
    this.#world = options.mutant.world?.(world, this) ?? world
  }

  /** What was got and could not be written. */
  get unsaved(): UncommittedGrant | undefined {
    return this.#renewals.uncommitted(PLACE)
  }

  /** Calls the API once, as a host's code would. Where the store may never respond, the call has a time limit. */
  call(): Promise<CallEnd> {
    const { time, plan, judge } = this.#scene
    if (!plan.rare.silent) return this.#call()
    const beganAt = time.now
    return new Promise((resolve) => {
      const cancel = time.after(CALL_LIMIT_MS, () => {
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
      if (await this.#ask(first)) return { how: 'answered', accessToken: first }
      const row = await this.#renew({ kind: 'refused', accessToken: first })
      const second = row.record.grant?.accessToken ?? ''
      if (await this.#ask(second)) return { how: 'answered', accessToken: second }
      // Only some schedules have 401s that say nothing about the token.
      if (this.#scene.suffers(this, 'not_allowed')) await this.#noteRefusedFresh(second)
      return { how: 'refused' }
    } catch (error) {
      if (ConnectorError.is(error) && error.details.reason === 'fresh_token_refused') return { how: 'refused' }
      if (!ConnectorError.is(error) && !isStoreError(error)) {
        this.#scene.judge.fail('only_known_errors', `${this.id} met ${String(error)}`)
      }
      const isGone = ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE'
      return isGone ? { how: 'gone' } : { how: 'failed', error }
    }
  }

  /** What comes from outside reaches a process that lives, and does not stand still. */
  meet(run: () => void): void {
    const { time } = this.#scene
    if (!this.alive) return
    this.#mayJump()
    if (time.now >= this.pausedUntil && this.#scene.happens('pause')) {
      this.pausedAt = time.now
      this.pausedUntil = time.now + between(this.#scene, 1000, 90_000)
      this.#scene.note(this.id, () => 'stands still')
    }
    if (time.now >= this.pausedUntil) run()
    else {
      time.after(this.pausedUntil - time.now, () => {
        if (this.alive) run()
      })
    }
  }

  /** Forgets what it has at hand, so that its next call reads the row. */
  forget(): void {
    this.#known = undefined
  }

  /** A row whose grant is fit for use; undefined if there is none that may be used. */
  async #find(): Promise<Row | undefined> {
    const known = this.#known
    if (known !== undefined && this.clock.monotonic() - known.at < AT_HAND_MS && this.#isFresh(known.row)) {
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
      // The store is down: no reason to stop using what works, unless somebody in here has seen it go.
      if (works && !this.#isGone && !ConnectorError.is(error)) return row
      throw error
    }
  }

  /** The keys of the server are fetched again, and do not list the key yet. */
  async #verify(): Promise<void> {
    count(this.#scene.judge.counts, 'id_tokens judged')
    if (this.isVerifiable && (this.#kid === '' || (await this.#keys.knows(this.#kid)))) return
    count(this.#scene.judge.counts, 'id_tokens that could not be judged')
    throw new ConnectorError('MCP_CONNECTION_ERROR', 'The key of the id_token is not listed.')
  }

  async #read(renewing: boolean): Promise<Row | undefined> {
    const row = await this.#wire.read(this, renewing)
    this.#isGone = row === undefined || row.record.state === 'revoked'
    return row
  }

  /** As the pipeline has it noted after the second refusal. */
  async #noteRefusedFresh(accessToken: string): Promise<void> {
    count(this.#scene.judge.counts, 'refusals of fresh tokens')
    const at = this.clock.now()
    for (;;) {
      const row = await this.#wire.read(this, false)
      const { state, grant, generation = 0, refusedFresh } = row?.record ?? {}
      if (
        row === undefined ||
        state === 'revoked' ||
        grant?.accessToken !== accessToken ||
        refusedFresh?.generation === generation
      )
        return
      const noted = await this.#wire.write(this, { ...row.record, refusedFresh: { generation, at } }, row.version)
      if (noted !== undefined) return
    }
  }

  #stray(): void {
    const { judge } = this.#scene
    if (!this.wasStray) count(judge.counts, 'stray clocks')
    this.wasStray = true
    this.skewMs = strayMs(this.#clockDice)
  }

  /** A stray clock is set, or loses its time again, in the middle of anything. */
  #mayJump(): void {
    const { time, plan, judge } = this.#scene
    if (!this.wasStray || time.now >= plan.calmAt || this.#clockDice() >= 0.02) return
    count(judge.counts, 'clock jumps of hours')
    if (this.#clockDice() < 0.4) this.skewMs = 0
    else this.#stray()
    this.jumpedAt = time.now
    this.#scene.note(this.id, () => `its clock jumps, and is ${Math.round(this.skewMs / 60_000)} minutes off`)
  }

  #isFresh({ record: { grant } }: Row): boolean {
    return grant !== undefined && this.clock.now() < renewAt(grant, PLACE)
  }

  #keep(row: Row | undefined): void {
    this.#known = row !== undefined && isInService(row.record) ? { row, at: this.clock.monotonic() } : undefined
  }

  #wrote(row: Row | undefined): Row | undefined {
    const { lease } = row?.record ?? {}
    if (lease?.owner !== this.id || !this.#scene.happens('crashWithLease')) return row
    this.#scene.crash(this, 'with a fresh lease')
    return row
  }

  async #renew(cause: RenewalCause): Promise<Row> {
    try {
      const row = await this.#renewals.renew(PLACE, cause, () => {
        this.cause = cause
        if (this.#mutant.losesStuck === true) this.#renewals.forget(PLACE)
        return Promise.resolve(this.#world)
      })
      const isStored = row.version !== null
      this.#keep(isStored ? row : undefined)
      // Somebody in here has seen the connection go.
      if (!isStored && this.#isGone) throw disconnectedConnection()
      return row
    } catch (error) {
      this.#keep(undefined)
      throw error
    } finally {
      if (this.#mutant.losesUnsaved === true) this.#renewals.forget(PLACE)
      if (this.cause === cause) this.#renewalEnded()
    }
  }

  #renewalEnded(): void {
    this.cause = undefined
    this.landing = undefined
    this.#scene.judge.renewalEnded(this)
  }

  /** Whether the API took the token. */
  #ask(accessToken: string): Promise<boolean> {
    const scene = this.#scene
    if (!this.alive) return forever()
    scene.judge.called(this, accessToken)
    return new Promise((resolve) => {
      scene.time.after(between(scene, 20, 400), () => {
        this.meet(() => {
          const accepted = scene.server.accepts(accessToken, scene.time.now) && !scene.suffers(this, 'not_allowed')
          if (!accepted) scene.judge.unauthorized()
          resolve(accepted)
        })
      })
    })
  }
}

const isStoreError = (error: unknown): boolean => error instanceof Error && error.message.startsWith('The store is out')
