import { isExchange } from '../connector/exchange.ts'
import type { Exchange } from '../connector/exchange.ts'
import type { Reply } from '../connector/reply.ts'
import type { RequestSpec } from '../connector/request.ts'
import { annotate, ConnectorError } from '../errors/connector-error.ts'
import { connectionName } from '../identity/connection.ts'
import type { Account, Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import { redactFailure, timeLeft } from '../pipeline/call.ts'
import type { Attempt, Call } from '../pipeline/call.ts'
import { connectionSettings } from '../pipeline/connection-settings.ts'
import type { ConnectorContext } from '../pipeline/connector-context.ts'
import { explainFailure } from '../pipeline/explain-failure.ts'
import type { Next } from '../pipeline/stage.ts'
import type { Accounts, DisconnectOptions, OperationOptions } from '../ports/accounts.ts'
import { sleep } from '../ports/clock.ts'
import { withinLimit } from '../resilience/bounded-store.ts'
import { assertLimits, assertRequestId } from '../resilience/call-limits.ts'
import { cancelled, withCancelled } from '../resilience/lifetime.ts'
import { endTurn, startTurn } from '../resilience/start-turn.ts'
import { nothingToLoad, runOperation } from '../resilience/run-operation.ts'
import type { Candidate } from '../vault/vault-port.ts'
import { announceCall } from './announce-call.ts'
import type { Capability } from './capability.ts'
import type { ClientHost, Health, PendingCall, RequestMode } from './client-host.ts'
import type { Mounted } from './custom-connector.ts'
import type { SyncEngine } from './sync-engine.ts'

/** The state that all connections of one connector share in a running client. */
export interface ConnectionHostContext {
  readonly scope: ConnectorContext
  readonly mounted: Mounted
  readonly syncEngine: SyncEngine | undefined
  readonly farewells: readonly Farewell[]
  readonly callStages: Next<Call, unknown>
  readonly requestStages: Next<Attempt, Reply>
  /** True if every wait of a call has its own time limit; false if the host's stages or another client class run in it. */
  readonly isBounded: boolean
  /** Emits a connector's own event as `${serverId}.${event}`. */
  emit(event: string, data: unknown): void
}

/** The part of a capability that runs before a connection is disconnected. */
type Farewell = NonNullable<Capability['beforeDisconnect']>

/** Implements the runtime's side of the client of one connection. */
export class ConnectionHost implements ClientHost {
  readonly principal: Principal
  readonly connection: Connection
  readonly account: string
  readonly #context: ConnectionHostContext

  constructor(context: ConnectionHostContext, principal: Principal, name: string | undefined) {
    this.#context = context
    this.principal = principal
    this.account = connectionName(name)
    this.connection = context.scope.credentials.connectionOf(principal.tenant, this.account)
  }

  get serverId() {
    return this.#context.scope.serverId
  }
  get logger() {
    return this.#context.scope.logger
  }
  get tools() {
    return this.#context.scope.connector.tools ?? {}
  }
  get syncs() {
    return this.#context.scope.connector.syncs ?? {}
  }
  get syncEngine() {
    return this.#context.syncEngine
  }
  get accounts(): Accounts {
    return this.#context.scope.credentials.accounts(this.connection, this.principal)
  }

  async disconnect(options: DisconnectOptions): Promise<boolean> {
    const { clock, logger } = this.#context.scope
    const { connection, principal } = this
    const say = (farewell: Farewell) =>
      withinLimit(clock, 'A capability', () => farewell(connection, principal)).catch((error: unknown) => {
        const { serverId, tenant, name } = connection
        const fields = { event: 'disconnect.unprepared', serverId, tenant, connection: name, error }
        logger.warn(fields, 'A capability did not prepare for a disconnect.')
      })
    await Promise.all(this.#context.farewells.map(say))
    return this.accounts.disconnect(options)
  }

  emit(event: string, data: unknown): void {
    this.#context.emit(event, data)
  }

  at(name: string): unknown {
    return this.#context.mounted.open(new ConnectionHost(this.#context, this.principal, name))
  }

  async run(pending: PendingCall): Promise<unknown> {
    const { clock, profile, policies, lifetime } = this.#context.scope
    const started = clock.monotonic()
    const { requestId, signal, timeoutMs, maxPages } = pending.options
    if (requestId !== undefined) assertRequestId(requestId)
    const { callMs } = policies.timeouts
    const requestMs = policies.isCallMsSet ? 0 : (pending.tool.timeoutMs ?? profile.timeoutMs ?? 0)
    const call = this.#call(pending, started, timeoutMs ?? Math.max(callMs, requestMs))
    try {
      if (timeoutMs !== undefined || maxPages !== undefined) assertLimits(pending.options)
      const turn = startTurn()
      if (turn !== undefined) await turn
      if (signal?.aborted) throw cancelled(signal).with({ outcome: 'not_processed' })
      lifetime.assertOpen()
      const work = this.#context.callStages(call)
      const output = await (this.#context.isBounded ? work : lifetime.backstop(work, call, () => outcomeOf(call)))
      announceCall(this.#context.scope, call, started, undefined)
      return output
    } catch (error) {
      const failure = await explainFailure(redactFailure(this.#failure(call, error), call), call)
      announceCall(this.#context.scope, call, started, failure)
      throw failure
    } finally {
      endTurn()
    }
  }

  request(call: Call, request: RequestSpec | Exchange, { effect, streams }: RequestMode): Promise<Reply> {
    const { tool, options, progress } = call
    const keyed = tool.idempotencyKey !== undefined && effect !== 'read' && !isExchange(request)
    const step = progress.requests++
    return this.#context.requestStages({
      call,
      request,
      effect,
      repeatable: effect === 'read' || tool.idempotent === true || keyed,
      idempotencyKey: keyed ? keyOfStep(options.idempotencyKey ?? crypto.randomUUID(), step) : undefined,
      streams,
      onStreamFailure: streams && new Set(),
      number: 0,
      signal: undefined,
      signer: undefined,
      extend: undefined,
      sent: false,
      refused: undefined,
      blocks: undefined,
    })
  }

  async wait(call: Call, ms: number): Promise<void> {
    const { clock, lifetime } = this.#context.scope
    const over = new AbortController()
    await lifetime
      .race(sleep(clock, ms, over.signal), call, 'the provider to finish', outcomeOf(call))
      .finally(() => over.abort())
  }

  isOver(call: Call): boolean {
    const { clock, lifetime } = this.#context.scope
    return call.options.signal?.aborted === true || lifetime.closed || timeLeft(call, clock) <= 0
  }

  async health(options: OperationOptions = {}): Promise<Health> {
    const { clock, circuit, lifetime, logger, policies, credentials } = this.#context.scope
    const { connection } = this
    const started = clock.monotonic()
    const context = { connection, lifetime, clock, logger, callMs: policies.timeouts.callMs }
    const check = async () => ((await credentials.isUsable(connection)) ? { account: await this.check() } : undefined)
    try {
      const checked = await runOperation(context, 'Checking', options, nothingToLoad, check)
      const breaker = circuit.state(connection.key)
      if (checked === undefined) return { status: 'not_connected', breaker }
      const status = breaker === 'closed' ? 'healthy' : 'degraded'
      return { status, breaker, latencyMs: clock.monotonic() - started, account: checked.account }
    } catch (error) {
      const breaker = circuit.state(connection.key)
      const { message } = ConnectorError.from(error, `Checking ${this.serverId}`)
      return { status: 'unhealthy', breaker, latencyMs: clock.monotonic() - started, reason: message }
    }
  }

  inquire(name: string, request: RequestSpec | Exchange, timeoutMs: number): Promise<Reply> {
    return this.#inquire(name, timeoutMs, (call) => this.request(call, request, { effect: 'read' }))
  }

  /** Sends the connector's check request and returns the account of the connection. */
  async check(connection = this.connection, candidate?: Candidate): Promise<Account | undefined> {
    const { profile, policies, credentials } = this.#context.scope
    const { check } = profile
    if (check === undefined) return undefined
    const { body } = await this.#inquire('check', policies.timeouts.requestMs, async (call) => {
      const own = candidate === undefined ? await credentials.settingsOf(connection) : candidate.settings
      const settings = connectionSettings(this.#context.scope, own)
      const { request } = check
      const spec = typeof request === 'function' ? request({ settings: settings as never }) : request
      const checking = { ...call, connection, settings, candidate: candidate?.signer }
      return this.request(checking, spec, { effect: 'read' })
    })
    return check.account?.(body)
  }

  /** Runs a read that is not a tool call, through the request stages only. */
  async #inquire(toolName: string, timeoutMs: number, read: (call: Call) => Promise<Reply>): Promise<Reply> {
    const pending = { toolName, tool: { effect: 'read' }, input: undefined, options: {}, perform: nothing } as const
    const call = this.#call(pending, this.#context.scope.clock.monotonic(), timeoutMs)
    try {
      return await read(call)
    } catch (error) {
      throw redactFailure(this.#failure(call, error), call)
    }
  }

  #call(pending: PendingCall, started: number, limitMs: number): Call {
    return {
      requestId: pending.options.requestId ?? nextRequestId(),
      serverId: this.serverId,
      toolName: pending.toolName,
      tool: pending.tool,
      input: pending.input,
      principal: this.principal,
      connection: this.connection,
      settings: this.#context.scope.connector.settings,
      options: pending.options,
      limitMs,
      deadline: started + limitMs,
      progress: { requests: 0, signers: [] },
      perform: pending.perform,
    }
  }

  /** Converts any failure to a `ConnectorError` that names the call. */
  #failure({ serverId, toolName, requestId, options }: Call, error: unknown): ConnectorError {
    // The signal's reason can be any value, even another call's error, so it becomes the cause and is not changed.
    const known = withCancelled(error, options.signal)
    const about = { serverId, toolName, requestId }
    if (ConnectorError.is(known)) return annotate(known, about)
    const message = `${serverId}.${toolName} failed inside this library or one of its stages.`
    return new ConnectorError('API_INTERNAL_ERROR', message, about, { cause: error })
  }
}

/** Returns the outcome of an aborted call: whether the provider may have received one of its requests. */
function outcomeOf({ progress, tool }: Call): 'not_processed' | 'unknown' | undefined {
  if (progress.requests === 0) return 'not_processed'
  return tool.effect === 'read' ? undefined : 'unknown'
}

let idPrefix: string | undefined
let lastId = 0

/** Returns a unique id: a random prefix of this process, and a count, because a random id for each call costs more. */
function nextRequestId(): string {
  // Created at the first call, because some runtimes forbid random values during an import.
  idPrefix ??= crypto.randomUUID().replaceAll('-', '').slice(0, 12)
  lastId += 1
  return idPrefix + lastId.toString(36)
}

const nothing = () => Promise.resolve(undefined)

const keyOfStep = (key: string, step: number): string => (step === 0 ? key : `${key}-${step}`)
