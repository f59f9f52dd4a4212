import { ConnectorError } from '../errors/connector-error.ts'
import { isName, shownName } from '../errors/shown-name.ts'
import type { Call, CallOptions, ToolFacts } from '../pipeline/call.ts'
import type { AnyClient, ClientHost, Health } from './client-host.ts'
import type {
  BackupOptions,
  BackupResult,
  ConnectionStatus,
  ConnectOptions,
  ConnectResult,
  DisconnectOptions,
  OperationOptions,
  RotateOptions,
  RotateResult,
} from '../ports/accounts.ts'
import type { ConnectorTypes, ToolDescription, ToolTypes } from '../connector/connector.ts'
import type { Effect } from '../connector/request.ts'
import type { SyncOptions, SyncResult } from '../connector/sync.ts'
import { nearestNames } from '../errors/nearest-names.ts'

type Tools<Types> = Types extends { readonly tools: infer T } ? T : never
type Name<T> = keyof T & string
type Matching<T, Wanted> = { [K in keyof T as T[K] extends Wanted ? K : never]: T[K] }
type In<T> = T extends { readonly input: infer I } ? I : never
type Out<T> = T extends { readonly output: infer O } ? O : never
type Part<T> = T extends { readonly part: infer P } ? P : never
type Credential<Types> = Types extends { readonly credential: infer C } ? C : never
type Settings<Types> = Types extends { readonly settings: infer S } ? S : never
type Events<Types> = Types extends { readonly events: infer E } ? E : never
type Syncs<Types> = Types extends { readonly syncs: infer S } ? S : never
type Params<S> = S extends { readonly params: infer P } ? P : never
type Writes = ToolTypes & { readonly effect: Exclude<Effect, 'read'> }

// Tool names are template literals below, because type errors then list the names.

/**
 * The client of one connection, and the base class of every integration. A subclass implements `listTools()` and
 * `perform()`. A client is cheap to create and holds no credential.
 *
 * Every method that calls the provider rejects with a `ConnectorError`.
 */
export abstract class ConnectorClient<Types extends ConnectorTypes = ConnectorTypes> implements AnyClient {
  declare readonly types: Types
  protected readonly host: ClientHost

  constructor(host: ClientHost) {
    this.host = host
  }

  /** Returns the client of another account of the same tenant and connector: `ada.slack.at('work')`. */
  at(name: string): this {
    return this.host.at(name) as this
  }

  /**
   * Connects this account.
   *
   * With a credential, stores it once the provider has accepted it. Without one, and if the user has to consent, returns
   * `{ status: 'authorize', url }`: redirect the user there, and pass the full callback URL to `completeAuthorization()`.
   * @param credential the fields of the connector's auth. Leave it out if the user has to consent, or if the app itself
   *   holds the credential.
   * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if the provider refuses the credential
   */
  connect(
    credential?: Credential<Types>,
    options: Omit<ConnectOptions, 'settings'> & { readonly settings?: Partial<Settings<Types>> | undefined } = {},
  ): Promise<ConnectResult> {
    return this.host.accounts.connect(credential, options)
  }

  /** Selects a site or organization of the account, after `connect` returned `{ status: 'choose' }`. */
  choose(id: string, options: OperationOptions = {}): Promise<ConnectResult> {
    return this.host.accounts.choose(id, options)
  }

  /**
   * Deletes this connection's credential, and revokes it if the provider supports that.
   * @returns false if there was no credential
   */
  disconnect(options: DisconnectOptions = {}): Promise<boolean> {
    return this.host.disconnect(options)
  }

  /**
   * Replaces the credential without downtime. The current one serves calls until the provider accepts the new one. If the
   * provider cannot be reached, the new one is staged: the next call tries it first, then the current one.
   * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if the provider refuses the new one; INVALID_INPUT if it belongs to
   *   another account; TOOL_NOT_SUPPORTED if the credential is a grant, which refreshes itself
   */
  rotate(credential: Credential<Types>, options: RotateOptions = {}): Promise<RotateResult> {
    return this.host.accounts.rotate(credential, options)
  }

  /**
   * Stores a second credential of the same account, used when the provider refuses the current one. It replaces the
   * previous backup. Connecting again deletes it.
   * @throws as {@link rotate} does
   */
  setBackup(credential: Credential<Types>, options: BackupOptions = {}): Promise<BackupResult> {
    return this.host.accounts.setBackup(credential, options)
  }

  /** Deletes the backup; returns false if there was none. */
  removeBackup(options: OperationOptions = {}): Promise<boolean> {
    return this.host.accounts.removeBackup(options)
  }

  /** Returns the connection's state, account and token expiry. Reads the store; does not call the provider. */
  status(options: OperationOptions = {}): Promise<ConnectionStatus> {
    return this.host.accounts.status(options)
  }

  /** Returns whether a credential is stored. Does not call the provider; use `health()` for that. */
  isConnected(options: OperationOptions = {}): Promise<boolean> {
    return this.host.accounts.isConnected(options)
  }

  /** Checks the connection with a request to the provider. Never rejects. */
  health(options: OperationOptions = {}): Promise<Health> {
    return this.host.health(options)
  }

  /**
   * Calls a tool.
   * @param tool the name of the tool
   * @param input the input, validated against the tool's schema
   * @throws ConnectorError INVALID_INPUT if the input does not match the schema
   */
  call<T extends keyof Tools<Types> & string>(
    tool: T,
    input: In<Tools<Types>[T]>,
    options?: CallOptions,
  ): Promise<Out<Tools<Types>[T]>> {
    return this.invoke(tool, input, options) as Promise<Out<Tools<Types>[T]>>
  }

  /** Calls a tool that reads. The compiler and the runtime reject a tool that writes. */
  getData<T extends keyof Matching<Tools<Types>, { readonly effect: 'read' }> & string>(
    tool: T,
    input: In<Tools<Types>[T]>,
    options?: CallOptions,
  ): Promise<Out<Tools<Types>[T]>> {
    return this.#invokeIf('getData', tool, input, options, (effect) => effect === 'read') as Promise<
      Out<Tools<Types>[T]>
    >
  }

  /** Calls a tool that writes or destroys. The compiler and the runtime reject a tool that reads. */
  sendData<T extends keyof Matching<Tools<Types>, Writes> & string>(
    tool: T,
    input: In<Tools<Types>[T]>,
    options?: CallOptions,
  ): Promise<Out<Tools<Types>[T]>> {
    return this.#invokeIf('sendData', tool, input, options, (effect) => effect !== 'read') as Promise<
      Out<Tools<Types>[T]>
    >
  }

  /**
   * Brings a resource and the host's copy of it into line.
   * @param resource one that the connector says it can sync
   */
  syncData<S extends Name<Syncs<Types>>>(
    resource: S,
    options: SyncOptions<Params<Syncs<Types>[S]>>,
  ): Promise<SyncResult> {
    return this.performSync(resource, options)
  }

  /** Iterates over the pages of a paged tool. Each page is fetched when the loop requests it. */
  pages<T extends keyof Matching<Tools<Types>, { readonly shape: 'pages' }> & string>(
    tool: T,
    input: In<Tools<Types>[T]>,
    options?: CallOptions,
  ): AsyncGenerator<Part<Tools<Types>[T]>, void, undefined> {
    return this.#inParts(tool, input, options)
  }

  /** Iterates over the items of a streaming tool as they arrive. Leaving the loop aborts the request. */
  stream<T extends keyof Matching<Tools<Types>, { readonly shape: 'stream' }> & string>(
    tool: T,
    input: In<Tools<Types>[T]>,
    options?: CallOptions,
  ): AsyncGenerator<Part<Tools<Types>[T]>, void, undefined> {
    return this.#inParts(tool, input, options)
  }

  /** Calls a tool by a name and an input that the compiler does not know, as AI agents do. `call` is the typed form. */
  invoke(tool: string, input: unknown, options?: CallOptions): Promise<unknown> {
    return this.#start(tool, input, options, this.#perform)
  }

  abstract listTools(): Promise<readonly ToolDescription[]>

  /** Performs one call. Its input is validated, and the call is permitted. */
  protected abstract perform(call: Call): Promise<unknown>

  /** Performs one call whose result is iterated over: pages, or items of a stream. */
  protected performInParts(call: Call): Promise<AsyncIterable<unknown>> {
    return Promise.reject(
      new ConnectorError('TOOL_NOT_SUPPORTED', `${call.toolName} returns one result, not pages or a stream.`, {
        hint: 'Use call().',
      }),
    )
  }

  /** Performs one sync. A subclass overrides it if its service can be synced. */
  protected performSync(resource: string, _options: SyncOptions): Promise<SyncResult> {
    const { serverId } = this.host
    return Promise.reject(
      new ConnectorError('TOOL_NOT_SUPPORTED', `${serverId} does not sync "${resource}".`, { serverId }),
    )
  }

  /**
   * Returns the facts about a tool that the pipeline needs, or undefined if there is no such tool. The default treats each
   * tool as a write, so that no call is retried or allowed by mistake.
   */
  protected toolFacts(_tool: string): ToolFacts | undefined {
    return { effect: 'write' }
  }

  /** Emits the event `${serverId}.${event}` to the host's listeners. */
  protected emit<E extends Name<Events<Types>>>(event: E, data: Events<Types>[E]): void {
    this.host.emit(event, data)
  }

  // One closure for each client, not one for each call.
  readonly #perform = (call: Call) => this.perform(call)

  #start(
    toolName: string,
    input: unknown,
    options: CallOptions | undefined,
    perform: (call: Call) => Promise<unknown>,
  ): Promise<unknown> {
    const tool = this.#factsOf(toolName)
    if (tool === undefined) return this.#unknown(toolName)
    return this.host.run({ toolName, tool, input, options: options ?? {}, perform })
  }

  async *#inParts<Item>(
    tool: string,
    input: unknown,
    options: CallOptions | undefined,
  ): AsyncGenerator<Item, void, undefined> {
    const parts = await this.#start(tool, input, options, (call) => this.performInParts(call))
    yield* parts as AsyncIterable<Item>
  }

  #invokeIf(
    method: string,
    toolName: string,
    input: unknown,
    options: CallOptions | undefined,
    allows: (effect: Effect) => boolean,
  ): Promise<unknown> {
    const tool = this.#factsOf(toolName)
    if (tool === undefined || allows(tool.effect)) return this.invoke(toolName, input, options)
    return Promise.reject(
      new ConnectorError('TOOL_NOT_SUPPORTED', `${method}() does not call ${toolName}, a ${tool.effect} tool.`, {
        serverId: this.host.serverId,
        toolName,
        hint: tool.effect === 'read' ? 'Use getData() or call().' : 'Use sendData() or call().',
      }),
    )
  }

  #factsOf(toolName: string): ToolFacts | undefined {
    return isName(toolName) ? this.toolFacts(toolName) : undefined
  }

  async #unknown(toolName: unknown): Promise<never> {
    const names = (await this.listTools()).map(({ name }) => name)
    const shown = shownName(toolName)
    throw new ConnectorError('TOOL_NOT_SUPPORTED', `${this.host.serverId} has no tool named "${shown}".`, {
      serverId: this.host.serverId,
      toolName: shown,
      choices: nearestNames(shown, names),
      outcome: 'not_processed',
    })
  }
}
