import { isExchange } from '../connector/exchange.ts'
import type { Attempt, Call } from '../pipeline/call.ts'
import type { Exchange } from '../connector/exchange.ts'
import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import type {
  BackupOptions,
  BackupResult,
  ClientHost,
  ConnectionStatus,
  ConnectOptions,
  ConnectResult,
  DisconnectOptions,
  Health,
  OperationOptions,
  PendingCall,
  RequestMode,
  RotateOptions,
  RotateResult,
} from './client-host.ts'
import type { Connector } from '../connector/connector.ts'
import type { Mounted } from './custom-connector.ts'
import { explainFailure } from '../pipeline/explain-failure.ts'
import type { Account } from '../identity/connection.ts'
import type { Reply } from '../connector/reply.ts'
import type { RequestSpec } from '../connector/request.ts'
import type { ConnectionState } from '../vault/connection-state.ts'
import type { PendingAuthorization } from '../vault/pending-authorization.ts'
import { annotate, ConnectorError } from '../errors/connector-error.ts'
import { ownFailure } from '../errors/own-failure.ts'
import { timeLeft } from '../pipeline/call.ts'
import type { ConnectorContext } from '../pipeline/connector-context.ts'
import { cancelled, withCancelled } from '../pipeline/lifetime.ts'
import type { Next } from '../pipeline/stage.ts'
import { announceCall, loggedError } from './announce-call.ts'
import { assertLimits, assertRequestId } from './call-limits.ts'
import type { ConnectingParts } from '../vault/connect-account.ts'
import { checkedName, connectionOf } from './connection-of.ts'
import { statusOf } from '../vault/connection-status.ts'
import { assertPublicBaseUrl } from './public-base-url.ts'

/** What one connector is made of inside a running client; its connections share it. */
export interface ConnectorParts {
  readonly scope: ConnectorContext
  readonly connector: Connector
  readonly mounted: Mounted
  readonly callStages: Next<Call, unknown>
  readonly requestStages: Next<Attempt, Reply>
  /** Whether every wait of a call is bounded by itself; false where code of others runs in between. */
  readonly isBounded: boolean
  /** Tells listeners of a connector's own event, under `${serverId}.${event}`. */
  emit(event: string, data: unknown): void
}

/** The runtime as one connection's client sees it. */
export class ConnectionHost implements ClientHost {
  readonly principal: Principal
  readonly connection: Connection
  readonly #parts: ConnectorParts

  constructor(parts: ConnectorParts, principal: Principal, name: string | undefined) {
    this.#parts = parts
    this.principal = principal
    this.connection = connectionOf(parts.scope, principal, checkedName(name))
  }

  get serverId() {
    return this.#parts.scope.serverId
  }
  get logger() {
    return this.#parts.scope.logger
  }
  get tools() {
    return this.#parts.connector.tools ?? {}
  }

  emit(event: string, data: unknown): void {
    this.#parts.emit(event, data)
  }

  at(name: string): unknown {
    return this.#parts.mounted.open(new ConnectionHost(this.#parts, this.principal, name))
  }

  async run(pending: PendingCall): Promise<unknown> {
    const { clock, policies, lifetime } = this.#parts.scope
    const started = clock.monotonic()
    const { requestId } = pending.options
    if (requestId !== undefined) assertRequestId(requestId)
    const call: Call = {
      requestId: requestId ?? crypto.randomUUID(),
      serverId: this.serverId,
      toolName: pending.toolName,
      tool: pending.tool,
      input: pending.input,
      principal: this.principal,
      connection: this.connection,
      options: pending.options,
      deadline: started + (pending.options.timeoutMs ?? policies.timeouts.callMs),
      tally: { requests: 0, withoutSecrets: undefined },
      perform: pending.perform,
    }
    try {
      const { signal, timeoutMs, maxPages } = pending.options
      if (timeoutMs !== undefined || maxPages !== undefined) assertLimits(pending.options)
      if (signal?.aborted) throw cancelled(signal).with({ outcome: 'not_processed' })
      if (lifetime.closed) throw closedClient()
      const work = this.#parts.callStages(call)
      const output = await (this.#parts.isBounded ? work : lifetime.backstop(work, call))
      announceCall(this.#parts.scope, call, started, undefined)
      return output
    } catch (error) {
      const failure = await explainFailure(this.#failure(call, error), call)
      announceCall(this.#parts.scope, call, started, failure)
      throw failure
    }
  }

  request(call: Call, request: RequestSpec | Exchange, { effect, streams }: RequestMode): Promise<Reply> {
    const { tool, options, tally } = call
    const keyed = tool.idempotencyKey !== undefined && effect !== 'read' && !isExchange(request)
    const step = tally.requests++
    return this.#parts.requestStages({
      call,
      request,
      effect,
      repeatable: effect === 'read' || tool.idempotent === true || keyed,
      idempotencyKey: keyed ? keyOfStep(options.idempotencyKey ?? crypto.randomUUID(), step) : undefined,
      streams,
      number: 0,
      signal: undefined,
      sign: undefined,
      extend: undefined,
      sent: false,
      refused: undefined,
      blocks: undefined,
    })
  }

  settings(call: Call): object | Promise<object> {
    const { settings, lifetime, vault } = this.#parts.scope
    const known = settings(call.connection)
    if (!(known instanceof Promise)) return known
    return lifetime.race(known, call, () =>
      vault.isRefreshing(call.connection) ? 'the token refresh' : 'the credential store',
    )
  }

  isOver(call: Call): boolean {
    const { clock, lifetime } = this.#parts.scope
    return call.options.signal?.aborted === true || lifetime.closed || timeLeft(call, clock) <= 0
  }

  withoutSecrets(failure: ConnectorError, call: Call): ConnectorError {
    return call.tally.withoutSecrets?.(failure) ?? failure
  }

  // What people do to their accounts is rare, and so it is loaded when it is done for the first time.

  connect(credential: unknown, options: ConnectOptions): Promise<ConnectResult> {
    return this.#operate(
      'Connecting',
      options,
      () => import('../vault/connect-account.ts'),
      ({ connectAccount }) => connectAccount(this.connecting(), credential, options),
    )
  }

  assertCompletable(): Promise<void> {
    return this.#operate(
      'Connecting',
      {},
      () => import('../vault/connect-account.ts'),
      ({ assertCompletable }) => assertCompletable(this.connecting()),
    )
  }

  complete(pending: PendingAuthorization, callback: URL): Promise<ConnectResult> {
    return this.#operate(
      'Connecting',
      {},
      () => import('../vault/connect-account.ts'),
      ({ completeAccount }) => completeAccount(this.connecting(), pending, callback),
    )
  }

  choose(id: string, options: OperationOptions = {}): Promise<ConnectResult> {
    return this.#operate(
      'Connecting',
      options,
      () => import('../vault/connect-account.ts'),
      ({ chooseSite }) => chooseSite(this.connecting(), id),
    )
  }

  disconnect(options: DisconnectOptions): Promise<boolean> {
    return this.#operate(
      'Disconnecting',
      options,
      () => import('../vault/disconnect-account.ts'),
      ({ disconnectAccount }) => disconnectAccount(this.connecting(), options),
    )
  }

  rotate(credential: unknown, options: RotateOptions): Promise<RotateResult> {
    return this.#operate(
      'Rotating the credential of',
      options,
      () => import('../vault/rotate-credential.ts'),
      ({ rotateCredential }) => rotateCredential(this.connecting(), credential, options),
    )
  }

  setBackup(credential: unknown, options: BackupOptions): Promise<BackupResult> {
    return this.#operate(
      'Changing the backup of',
      options,
      () => import('../vault/rotate-credential.ts'),
      ({ setBackup }) => setBackup(this.connecting(), credential, options),
    )
  }

  removeBackup(options: OperationOptions = {}): Promise<boolean> {
    return this.#operate(
      'Changing the backup of',
      options,
      () => import('../vault/rotate-credential.ts'),
      ({ removeBackup }) => removeBackup(this.connecting()),
    )
  }

  isConnected(options: OperationOptions = {}): Promise<boolean> {
    return this.#operate('Looking at', options, loaded, async () => {
      await this.#toRead()
      return this.#isUsable()
    })
  }

  status(options: OperationOptions = {}): Promise<ConnectionStatus> {
    return this.#operate('Looking at', options, loaded, async () => {
      await this.#toRead()
      return statusOf(this.#parts.scope, this.connection)
    })
  }

  /**
   * Runs an operation within its limits. Its work continues behind them, so that what was begun is stored.
   * @param load loads the code of the operation; the timer starts after that, because loading waits for no other machine
   */
  async #operate<Code, Answer>(
    doing: string,
    options: OperationOptions,
    load: () => Promise<Code>,
    work: (code: Code) => Promise<Answer>,
  ): Promise<Answer> {
    const { clock, lifetime, policies } = this.#parts.scope
    const { signal, timeoutMs = policies.timeouts.callMs } = options
    try {
      assertLimits(options)
      if (signal?.aborted) throw cancelled(signal)
      const limits = { options, deadline: clock.monotonic() + timeoutMs }
      const code = await load()
      if (lifetime.closed) throw closedClient()
      return await lifetime.race(work(code), limits, 'the credential store or the provider', undefined)
    } catch (error) {
      const failure = ownFailure(error, `${doing} ${this.serverId}`)
      const { tenant, name: connection } = this.connection
      const about = { event: 'operation.failed', serverId: this.serverId, tenant, connection, operation: doing }
      this.logger.warn({ ...about, error: loggedError(failure) }, 'An operation on a connection failed.')
      throw failure
    }
  }

  connecting(): ConnectingParts {
    const { scope, connector } = this.#parts
    return {
      scope,
      connection: this.connection,
      principal: this.principal,
      checkSettings: (settings) => {
        let merged: object
        try {
          merged = connector.parseSettings({ ...connector.settings, ...settings })
        } catch (error) {
          if (!ConnectorError.is(error)) throw error
          const { issues } = error.details
          throw new ConnectorError('INVALID_INPUT', error.message, {
            serverId: scope.serverId,
            issues,
            outcome: 'not_processed',
            hint: 'Pass the settings with connect(credential, { settings }).',
          })
        }
        const { serverId, allowPrivateHosts } = scope
        assertPublicBaseUrl(connector, merged, { serverId, allowPrivateHosts })
      },
      check: (connection) => this.#check(connection),
    }
  }

  async #toRead(): Promise<void> {
    const { guard } = this.#parts.scope.vault
    await guard.allow('read', this.principal, this.connection)
    await guard.record('read', 'success', this.connection, { actor: this.principal })
  }

  async #isUsable(): Promise<boolean> {
    const { vault, serverId } = this.#parts.scope
    const record = await vault.look(this.connection)
    return record !== undefined && usableStates.has(record.state ?? 'active') && !record.left?.includes(serverId)
  }

  async health(options: OperationOptions = {}): Promise<Health> {
    const { clock, circuit } = this.#parts.scope
    const { key } = this.connection
    const started = clock.monotonic()
    try {
      const account = await this.#operate('Checking', options, loaded, async () =>
        (await this.#isUsable()) ? { of: await this.#check(this.connection) } : undefined,
      )
      if (account === undefined) return { status: 'not_connected', breaker: circuit.state(key) }
      const breaker = circuit.state(key)
      return {
        status: breaker === 'closed' ? 'healthy' : 'degraded',
        breaker,
        latencyMs: clock.monotonic() - started,
        account: account.of,
      }
    } catch (error) {
      return {
        status: 'unhealthy',
        breaker: circuit.state(key),
        latencyMs: clock.monotonic() - started,
        reason: ownFailure(error, `Checking ${this.serverId}`).message,
      }
    }
  }

  /** Asks the provider whose credential it is; through the second list only, since no tool is called. */
  async #check(connection: Connection): Promise<Account | undefined> {
    const { check } = this.#parts.scope.profile
    if (check === undefined) return undefined
    const { clock, policies } = this.#parts.scope
    const call: Call = {
      requestId: crypto.randomUUID(),
      serverId: this.serverId,
      toolName: 'check',
      tool: { effect: 'read' },
      input: undefined,
      principal: this.principal,
      connection,
      options: {},
      deadline: clock.monotonic() + policies.timeouts.requestMs,
      tally: { requests: 0, withoutSecrets: undefined },
      perform: () => Promise.resolve(undefined),
    }
    try {
      const { request } = check
      const settings = await this.#parts.scope.settings(connection)
      const spec = typeof request === 'function' ? request({ settings: settings as never }) : request
      const { body } = await this.request(call, spec, { effect: 'read' })
      return check.account?.(body)
    } catch (error) {
      throw this.#failure(call, error)
    }
  }

  /** Whatever went wrong, as the one error class, with the names of what it happened to. */
  #failure({ serverId, toolName, requestId, options }: Call, error: unknown): ConnectorError {
    // The reason can be anything, another call's error included: it becomes the cause, and is not changed.
    const known = withCancelled(error, options.signal)
    if (ConnectorError.is(known)) return annotate(known, { serverId, toolName, requestId })
    return new ConnectorError(
      'API_INTERNAL_ERROR',
      `Calling ${serverId}.${toolName} failed inside this library or one of its stages.`,
      { serverId, toolName, requestId },
      { cause: error },
    )
  }
}

const closedClient = () => new ConnectorError('CANCELLED', 'The client was closed.', { outcome: 'not_processed' })

const loaded = () => Promise.resolve()

/** States in which there is a credential to try. */
const usableStates: ReadonlySet<ConnectionState> = new Set(['active', 'degraded', 'needs_reauth'])

const keyOfStep = (key: string, step: number): string => (step === 0 ? key : `${key}-${step}`)
