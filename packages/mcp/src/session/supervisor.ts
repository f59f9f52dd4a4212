import { ConnectorError, untilAborted } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import type { LossReason } from '../failures/session-lost.ts'
import type { SessionState } from './server-events.ts'

/** A live connection that a supervisor opens and closes. */
export interface Supervised {
  onLost: (() => void) | undefined
  close(farewell: boolean): Promise<void>
}

export interface SupervisorContext<Client> {
  readonly serverId: string
  /** Opens a connection. `signal` aborts when it is not needed any more. */
  readonly connect: (signal: AbortSignal) => Promise<Client>
  readonly clock: Clock
  /** Returns a number from 0 to below 1. */
  readonly random: () => number
  /** Whether to open a lost connection again. */
  readonly restarts: boolean
  readonly onState: (to: SessionState, from: SessionState) => void
  /** Called when a lost connection is back. */
  readonly onReconnected: (client: Client) => void
}

/** The longest wait before the second attempt in a row. It doubles with each attempt. */
const MIN_WAIT_MS = 250
const MAX_WAIT_MS = 30_000
/** The age at which a lost connection counts as a good one, so that the backoff starts over. */
const STABLE_MS = 30_000

/** Codes of failures that may pass. A refused credential is not among them. */
const transient = new Set(['MCP_CONNECTION_ERROR', 'TIMEOUT', 'MCP_SERVER_ERROR'])

/** Supervises one connection: opens it on first use, once for all callers, and again after it was lost. */
export class Supervisor<Client extends Supervised> {
  readonly #context: SupervisorContext<Client>
  #state: SessionState = 'idle'
  #client: Client | undefined
  #connecting: Promise<Client> | undefined
  readonly #closed = new AbortController()
  /** Connections that are closing. */
  readonly #closing = new Set<Promise<void>>()
  #wasLost = false
  #readySince = 0
  #setbacks = 0
  #notBefore = 0
  #lastFailure: ConnectorError | undefined

  constructor(context: SupervisorContext<Client>) {
    this.#context = context
  }

  get state(): SessionState {
    return this.#state
  }

  /** The connection, if it is open. */
  get client(): Client | undefined {
    return this.#client
  }

  /**
   * Returns the connection, and opens it first if there is none. Returns no promise if it is open.
   * @throws ConnectorError if it cannot be opened, or failed too recently to try again
   */
  acquire(signal: AbortSignal | undefined): Client | Promise<Client> {
    if (this.#client !== undefined) return this.#client
    if (this.#state === 'closed') return Promise.reject(this.#over())
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return untilAborted(this.#connecting, signal)
  }

  /** Discards a lost connection. Does nothing if it was discarded before, as when many calls fail at once. */
  lost(client: Client, reason: LossReason): void {
    if (this.#client !== client) return
    this.#client = undefined
    const ageMs = this.#context.clock.monotonic() - this.#readySince
    // A server that does not know the session is healthy, and was restarted.
    if (reason === 'expired' || ageMs >= STABLE_MS) this.#setbacks = 0
    if (reason === 'closed') this.#setBack()
    this.#wasLost = true
    this.#move(this.#context.restarts ? 'degraded' : 'closed')
    this.#end(client, reason !== 'expired').catch(() => undefined)
  }

  /** Closes the connection for good, and waits for connections that are closing already. */
  async close(): Promise<void> {
    this.#move('closed')
    this.#closed.abort(this.#over())
    const client = this.#client
    this.#client = undefined
    await this.#connecting?.catch(() => undefined)
    if (client !== undefined) await this.#end(client, true)
    await Promise.all(this.#closing)
  }

  async #end(client: Client, farewell: boolean): Promise<void> {
    client.onLost = undefined
    const closing = client.close(farewell)
    this.#closing.add(closing)
    await closing
    this.#closing.delete(closing)
  }

  async #connect(): Promise<Client> {
    const { clock, connect } = this.#context
    const waitMs = this.#notBefore - clock.monotonic()
    if (waitMs > 0) throw this.#tooSoon(Math.ceil(waitMs))
    this.#move('connecting')
    try {
      const client = await connect(this.#closed.signal)
      if (this.state === 'closed') return await this.#tooLate(client)
      this.#client = client
      this.#lastFailure = undefined
      this.#readySince = clock.monotonic()
      client.onLost = () => {
        this.lost(client, 'closed')
      }
      this.#move('ready')
      if (this.#wasLost) this.#context.onReconnected(client)
      this.#wasLost = false
      return client
    } catch (error) {
      if (this.state === 'closed') throw this.#over()
      if (ConnectorError.is(error) && transient.has(error.code)) {
        this.#lastFailure = error
        this.#setBack()
      }
      this.#move('degraded')
      throw error
    }
  }

  async #tooLate(client: Client): Promise<never> {
    await client.close(true)
    throw this.#over()
  }

  /** Returns the last failure, which is still the cause. */
  #tooSoon(retryAfterMs: number): ConnectorError {
    const known = this.#lastFailure?.with({ outcome: 'not_processed', retryAfterMs })
    return known ?? this.#refusal('MCP_CONNECTION_ERROR', 'keeps closing the connection', retryAfterMs)
  }

  #over(): ConnectorError {
    if (this.#context.restarts || !this.#wasLost) return this.#refusal('CANCELLED', 'was closed')
    return this.#refusal('MCP_CONNECTION_ERROR', 'has exited and is composed with restart: false')
  }

  /** Delays the next attempt. The first setback costs no wait, so that a server which crashes once is back at once. */
  #setBack(): void {
    this.#setbacks += 1
    if (this.#setbacks < 2) return
    const { clock, random } = this.#context
    const maxWaitMs = Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** (this.#setbacks - 2))
    // Full jitter, but never zero: a struggling server needs a pause.
    this.#notBefore = clock.monotonic() + maxWaitMs * (0.2 + 0.8 * random())
  }

  #move(to: SessionState): void {
    const from = this.#state
    if (from === to || from === 'closed') return
    this.#state = to
    this.#context.onState(to, from)
  }

  #refusal(code: 'CANCELLED' | 'MCP_CONNECTION_ERROR', what: string, retryAfterMs?: number): ConnectorError {
    return new ConnectorError(code, `${this.#context.serverId} ${what}.`, { outcome: 'not_processed', retryAfterMs })
  }
}
