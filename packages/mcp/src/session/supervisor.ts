import { ConnectorError, untilAborted } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'

/**
 * `idle`: not connected, and nobody asked; `connecting`; `ready`; `degraded`: the connection was lost or could not be
 * made, and the next call tries again; `closed`: for good.
 */
export type ConnectionState = 'idle' | 'connecting' | 'ready' | 'degraded' | 'closed'

/** Why a connection ended. */
export type LossReason = 'forgotten' | 'closed'

export interface Supervised {
  onLost: (() => void) | undefined
  close(farewell: boolean): Promise<void>
}

export interface SupervisorOptions<S> {
  readonly serverId: string
  /** Makes a connection; `signal` says that it is not wanted any more. */
  readonly connect: (signal: AbortSignal) => Promise<S>
  readonly clock: Clock
  /** Numbers from 0 to below 1. */
  readonly random: () => number
  /** Whether a connection that was lost is made again. */
  readonly restarts: boolean
  readonly onState: (to: ConnectionState, from: ConnectionState) => void
  /** Told when a connection stands again that had been lost. */
  readonly onReconnected: (session: S) => void
}

/** The longest wait before the second attempt in a row; it doubles with each. */
const BASE_MS = 250
const LONGEST_MS = 30_000
/** A connection that held for so long was a good one: losing it starts the count anew. */
const STABLE_MS = 30_000

/** Failures to connect after which waiting helps. A refused credential is not one of them. */
const passing = new Set(['MCP_CONNECTION_ERROR', 'TIMEOUT', 'MCP_SERVER_ERROR'])

/** Keeps one connection: makes it when it is first needed, once for all who ask, and again when it was lost. */
export class Supervisor<S extends Supervised> {
  readonly #options: SupervisorOptions<S>
  #state: ConnectionState = 'idle'
  #session: S | undefined
  #connecting: Promise<S> | undefined
  readonly #closing = new AbortController()
  /** Connections that are being ended. */
  readonly #leaving = new Set<Promise<void>>()
  #wasLost = false
  #readySince = 0
  #setbacks = 0
  #notBefore = 0
  #lastFailure: ConnectorError | undefined

  constructor(options: SupervisorOptions<S>) {
    this.#options = options
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** The connection, if it stands. */
  get session(): S | undefined {
    return this.#session
  }

  /**
   * The connection, made if there is none. Not a promise where it stands.
   * @throws ConnectorError if it cannot be made, or was tried too recently to try again
   */
  acquire(signal: AbortSignal | undefined): S | Promise<S> {
    if (this.#session !== undefined) return this.#session
    if (this.#state === 'closed') return Promise.reject(this.#over())
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return untilAborted(this.#connecting, signal)
  }

  /** Gives up `session`; nothing happens if it was given up before, as when many calls find out at once. */
  lost(session: S, reason: LossReason): void {
    if (this.#session !== session) return
    this.#session = undefined
    const held = this.#options.clock.monotonic() - this.#readySince
    // A server that forgot is a healthy one that was restarted.
    if (reason === 'forgotten' || held >= STABLE_MS) this.#setbacks = 0
    if (reason === 'closed') this.#setBack()
    this.#wasLost = true
    this.#move(this.#options.restarts ? 'degraded' : 'closed')
    this.#leave(session, reason !== 'forgotten').catch(() => undefined)
  }

  /** Ends the connection; the next call makes another. */
  async rest(): Promise<void> {
    const session = this.#session
    if (session === undefined || this.#state !== 'ready') return
    this.#session = undefined
    this.#move('idle')
    await this.#leave(session, true)
  }

  /** Ends the connection for good, and waits for what is ending already. */
  async close(): Promise<void> {
    this.#move('closed')
    this.#closing.abort(this.#over())
    const session = this.#session
    this.#session = undefined
    await this.#connecting?.catch(() => undefined)
    if (session !== undefined) await this.#leave(session, true)
    await Promise.all(this.#leaving)
  }

  async #leave(session: S, farewell: boolean): Promise<void> {
    session.onLost = undefined
    const leaving = session.close(farewell)
    this.#leaving.add(leaving)
    await leaving
    this.#leaving.delete(leaving)
  }

  async #connect(): Promise<S> {
    const { clock, connect } = this.#options
    const waitMs = this.#notBefore - clock.monotonic()
    if (waitMs > 0) throw this.#tooSoon(Math.ceil(waitMs))
    this.#move('connecting')
    try {
      const session = await connect(this.#closing.signal)
      if (this.state === 'closed') return await this.#tooLate(session)
      this.#session = session
      this.#lastFailure = undefined
      this.#readySince = clock.monotonic()
      session.onLost = () => {
        this.lost(session, 'closed')
      }
      this.#move('ready')
      if (this.#wasLost) this.#options.onReconnected(session)
      this.#wasLost = false
      return session
    } catch (error) {
      if (this.state === 'closed') throw this.#over()
      if (ConnectorError.is(error) && passing.has(error.code)) {
        this.#lastFailure = error
        this.#setBack()
      }
      this.#move('degraded')
      throw error
    }
  }

  async #tooLate(session: S): Promise<never> {
    await session.close(true)
    throw this.#over()
  }

  /** Says what went wrong the last time: that is still what is wrong. */
  #tooSoon(retryAfterMs: number): ConnectorError {
    const known = this.#lastFailure?.with({ outcome: 'not_processed', retryAfterMs })
    return known ?? this.#refusal('MCP_CONNECTION_ERROR', 'keeps ending', retryAfterMs)
  }

  #over(): ConnectorError {
    if (this.#options.restarts || !this.#wasLost) return this.#refusal('CANCELLED', 'was closed')
    return this.#refusal('MCP_CONNECTION_ERROR', 'has ended, and is composed not to be started again')
  }

  /** The first setback costs no wait, so that a server which crashes once is back with the next call. */
  #setBack(): void {
    this.#setbacks += 1
    if (this.#setbacks < 2) return
    const { clock, random } = this.#options
    const longest = Math.min(LONGEST_MS, BASE_MS * 2 ** (this.#setbacks - 2))
    // Full jitter, but never nothing: the point is to leave a struggling server alone for a while.
    this.#notBefore = clock.monotonic() + longest * (0.2 + 0.8 * random())
  }

  #move(to: ConnectionState): void {
    const from = this.#state
    if (from === to || from === 'closed') return
    this.#state = to
    this.#options.onState(to, from)
  }

  #refusal(code: 'CANCELLED' | 'MCP_CONNECTION_ERROR', what: string, retryAfterMs?: number): ConnectorError {
    return new ConnectorError(code, `${this.#options.serverId} ${what}.`, { outcome: 'not_processed', retryAfterMs })
  }
}
