import { isExchange } from '../connector/call.ts'
import type { Attempt, Call, Connection, Exchange, Principal } from '../connector/call.ts'
import type { ClientHost, ConnectResult, Health, PendingCall, RequestMode } from '../connector/client-host.ts'
import type { AnyClient, Connector, Mounted } from '../connector/connector.ts'
import type { Account } from '../connector/profile.ts'
import type { Reply } from '../connector/reply.ts'
import type { RequestSpec } from '../connector/request.ts'
import type { ConnectionRecord } from '../credentials/vault.ts'
import { annotate, ConnectorError } from '../errors/connector-error.ts'
import { storeKey } from '../ports/store.ts'
import type { ConnectorScope } from '../pipeline/connector-scope.ts'
import { cancelled } from '../pipeline/lifetime.ts'
import type { Next } from '../pipeline/stage.ts'

/** What one connector is made of inside a running client; its connections share it. */
export interface ConnectorParts {
  readonly scope: ConnectorScope
  readonly connector: Connector
  readonly mounted: Mounted
  readonly callStages: Next<Call, unknown>
  readonly requestStages: Next<Attempt, Reply>
  /** Tells listeners of a connector's own event, under `${serverId}.${event}`. */
  emit(event: string, data: unknown): void
}

export const DEFAULT_CONNECTION = 'default'

/** One connector inside a running client: hands out views of its connections. */
export class ConnectorRuntime {
  readonly #parts: ConnectorParts

  constructor(parts: ConnectorParts) {
    this.#parts = parts
  }

  open(principal: Principal, name?: string): AnyClient {
    return this.#parts.mounted.open(new ConnectionHost(this.#parts, principal, name))
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#parts.scope.lifetime.close()
    await this.#parts.mounted.close?.()
  }
}

/** The runtime as one connection's client sees it. */
class ConnectionHost implements ClientHost {
  readonly principal: Principal
  readonly connection: Connection
  readonly #parts: ConnectorParts

  constructor(parts: ConnectorParts, principal: Principal, name: string | undefined) {
    this.#parts = parts
    this.principal = principal
    this.connection = connectionOf(parts.scope, principal, name ?? DEFAULT_CONNECTION)
  }

  get serverId() {
    return this.#parts.scope.serverId
  }
  get logger() {
    return this.#parts.scope.logger
  }
  get tools() {
    return this.#parts.mounted.tools ?? {}
  }

  emit(event: string, data: unknown): void {
    this.#parts.emit(event, data)
  }

  at(name: string): unknown {
    return this.#parts.mounted.open(new ConnectionHost(this.#parts, this.principal, name))
  }

  async run(pending: PendingCall): Promise<unknown> {
    const { clock, policies } = this.#parts.scope
    const started = clock.monotonic()
    const call: Call = {
      requestId: pending.options.requestId ?? crypto.randomUUID(),
      serverId: this.serverId,
      toolName: pending.toolName,
      tool: pending.tool,
      input: pending.input,
      principal: this.principal,
      connection: this.connection,
      options: pending.options,
      deadline: started + (pending.options.timeoutMs ?? policies.timeouts.callMs),
      tally: { requests: 0 },
      perform: pending.perform,
    }
    try {
      const output = await this.#parts.callStages(call)
      this.#finished(call, started, undefined)
      return output
    } catch (error) {
      const failure = this.#failure(call, error)
      this.#finished(call, started, failure)
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
      streams: streams ?? false,
      number: 0,
      signal: undefined,
      sign: undefined,
      extend: undefined,
      sent: false,
    })
  }

  settings(call: Call): object | Promise<object> {
    const { settings, lifetime } = this.#parts.scope
    const known = settings(call.connection)
    return known instanceof Promise ? lifetime.race(known, call.options.signal) : known
  }

  async connect(credential: unknown, options: { readonly settings?: object | undefined }): Promise<ConnectResult> {
    const { vault, profile, clock } = this.#parts.scope
    if (vault.holdsForTheApp) {
      if (credential !== undefined && Object.keys(profile.auth.fields).length > 0) {
        throw this.#refusal('CONFIGURATION_ERROR', `${this.serverId} was composed with the app's own credential.`, {
          hint: 'Leave it out of the composition to let each tenant connect an account of its own.',
        })
      }
      return { status: 'connected', account: await this.#check(this.connection) }
    }
    if (!profile.auth.holders.includes('connection')) {
      throw this.#refusal('CONFIGURATION_ERROR', `${this.serverId} takes its credential at composition.`, {
        hint: `Pass ${Object.keys(profile.auth.fields).join(', ')} to the connector in createMcpClient.`,
      })
    }
    const record: ConnectionRecord = {
      credential: this.#fieldsIn(credential),
      ...(options.settings && { settings: options.settings }),
      connectedAt: new Date(clock.now()).toISOString(),
    }
    // Tried under an identity of its own, so that the calls of a working connection do not use it before it is proved.
    const candidate = { ...this.connection }
    if (options.settings)
      this.#parts.connector.parseSettings({ ...this.#parts.connector.settings, ...options.settings })
    vault.propose(candidate, record)
    const account = await this.#check(candidate)
    await vault.keep(this.connection, account ? { ...record, account } : record)
    this.#parts.scope.emit('connection.connected', () => ({ ...this.#about(), account }))
    return { status: 'connected', account }
  }

  async disconnect(): Promise<boolean> {
    const removed = await this.#parts.scope.vault.remove(this.connection)
    if (removed) this.#parts.scope.emit('connection.disconnected', () => this.#about())
    return removed
  }

  isConnected(): Promise<boolean> {
    return this.#parts.scope.vault.has(this.connection)
  }

  async health(): Promise<Health> {
    const { clock, circuit, vault } = this.#parts.scope
    const { key } = this.connection
    const started = clock.monotonic()
    try {
      if (!(await vault.has(this.connection))) return { status: 'not_connected', breaker: circuit.state(key) }
      const account = await this.#check(this.connection)
      const breaker = circuit.state(key)
      return {
        status: breaker === 'closed' ? 'healthy' : 'degraded',
        breaker,
        latencyMs: clock.monotonic() - started,
        account,
      }
    } catch (error) {
      return {
        status: 'unhealthy',
        breaker: circuit.state(key),
        latencyMs: clock.monotonic() - started,
        reason: error instanceof Error ? error.message : 'unknown',
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
      tally: { requests: 0 },
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

  #fieldsIn(credential: unknown): Readonly<Record<string, string>> {
    const { auth } = this.#parts.scope.profile
    const given = (typeof credential === 'object' && credential !== null ? credential : {}) as Record<string, unknown>
    const names = Object.keys(auth.fields)
    const missing = names.filter((name) => typeof given[name] !== 'string' || given[name] === '')
    if (missing.length > 0) {
      const labels = missing.map((name) => `${name} (${auth.fields[name]?.label ?? name})`)
      throw this.#refusal('INVALID_INPUT', `To connect ${this.serverId}, pass ${labels.join(' and ')}.`, {
        issues: missing.map((path) => ({ path, message: 'Required, as text.' })),
      })
    }
    return Object.fromEntries(names.map((name) => [name, given[name] as string]))
  }

  #refusal(...[code, message, details]: ConstructorParameters<typeof ConnectorError>): ConnectorError {
    return new ConnectorError(code, message, { serverId: this.serverId, ...details })
  }

  #about() {
    const { serverId, tenant, name } = this.connection
    return { serverId, tenant, connection: name }
  }

  /** Whatever went wrong, as the one error class, with the names of what it happened to. */
  #failure({ serverId, toolName, requestId, options }: Call, error: unknown): ConnectorError {
    if (ConnectorError.is(error)) return annotate(error, { serverId, toolName, requestId })
    if (options.signal?.aborted && error === options.signal.reason) {
      return annotate(cancelled(options.signal), { serverId, toolName, requestId })
    }
    return new ConnectorError(
      'API_INTERNAL_ERROR',
      `Calling ${serverId}.${toolName} failed inside this library or one of its stages.`,
      { serverId, toolName, requestId },
      { cause: error },
    )
  }

  #finished(call: Call, started: number, failure: ConnectorError | undefined): void {
    const { scope } = this.#parts
    const durationMs = scope.clock.monotonic() - started
    scope.emit('call.finished', () => ({
      serverId: call.serverId,
      toolName: call.toolName,
      tenant: call.principal.tenant,
      user: call.principal.user,
      agent: call.principal.agent,
      connection: call.connection.name,
      requestId: call.requestId,
      effect: call.tool.effect,
      status: failure === undefined ? 'success' : 'error',
      code: failure?.code,
      durationMs,
    }))
    if (failure === undefined) return
    const { serverId, toolName, requestId } = call
    scope.logger.warn(
      { serverId, toolName, requestId, tenant: call.principal.tenant, error: failure.toJSON() },
      'A call failed.',
    )
  }
}

function connectionOf({ serverId, vault }: ConnectorScope, principal: Principal, name: string): Connection {
  // The app's own credential is one account, so its limits and its breaker are one as well, whoever calls.
  if (vault.holdsForTheApp) return { key: storeKey(serverId), serverId, tenant: undefined, name: 'app' }
  return { key: storeKey(serverId, principal.tenant, name), serverId, tenant: principal.tenant, name }
}

const keyOfStep = (key: string, step: number): string => (step === 0 ? key : `${key}-${step}`)
