import { ConnectorError } from '../errors/connector-error.ts'
import { isName, shownName } from '../errors/shown-name.ts'
import type { Call, CallOptions, ToolFacts } from '../pipeline/call.ts'
import type { AnyClient, ClientHost, Health } from './client-host.ts'
import type { ConnectionStatus } from '../ports/accounts.ts'
import type { BackupResult } from '../ports/accounts.ts'
import type { BackupOptions } from '../ports/accounts.ts'
import type { RotateResult } from '../ports/accounts.ts'
import type { RotateOptions } from '../ports/accounts.ts'
import type { DisconnectOptions } from '../ports/accounts.ts'
import type { ConnectResult } from '../ports/accounts.ts'
import type { ConnectOptions } from '../ports/accounts.ts'
import type { OperationOptions } from '../ports/accounts.ts'
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

// The names of tools are template literals below, so that an error lists them instead of how they were computed.

/**
 * The contract that every integration meets, written once. A subclass answers two questions: which tools there are,
 * and how one is performed. It is a view of one connection: making one costs little, and it holds no credential.
 *
 * Every method that talks to the provider rejects with a `ConnectorError`.
 */
export abstract class ConnectorClient<Types extends ConnectorTypes = ConnectorTypes> implements AnyClient {
  declare readonly types: Types
  protected readonly host: ClientHost

  constructor(host: ClientHost) {
    this.host = host
  }

  /** The same connector at another account of this tenant: `ada.slack.at('work')`. */
  at(name: string): this {
    return this.host.at(name) as this
  }

  /**
   * Connects this account.
   *
   * With a credential: keeps it, after the provider has accepted it. Without one, where a person has to agree: answers
   * `{ status: 'authorize', url }`; send the person there, and pass the address that they come back to, whole, to
   * `completeAuthorization` of the client.
   * @param credential the fields that the connector's auth asks for; absent where a person is to be sent, or where the
   *   app itself holds the credential
   */
  connect(
    credential?: Credential<Types>,
    options: Omit<ConnectOptions, 'settings'> & { readonly settings?: Partial<Settings<Types>> | undefined } = {},
  ): Promise<ConnectResult> {
    return this.host.accounts.connect(credential, options)
  }

  /** Settles which site or organization of the account is meant, after `{ status: 'choose' }`. */
  choose(id: string, options: OperationOptions = {}): Promise<ConnectResult> {
    return this.host.accounts.choose(id, options)
  }

  /** Forgets this connection's credential, and ends it at the provider where it can be; false if there was none. */
  disconnect(options: DisconnectOptions = {}): Promise<boolean> {
    return this.host.accounts.disconnect(options)
  }

  /**
   * Replaces the credential without downtime. The current one serves calls until the provider accepts the new one. If the
   * provider cannot be asked now, the new one is staged: the next call tries it, and the current one if it is refused.
   * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if the provider refuses the new one; INVALID_INPUT if it belongs to
   *   another account; TOOL_NOT_SUPPORTED if the credential is a grant, which refreshes itself
   */
  rotate(credential: Credential<Types>, options: RotateOptions = {}): Promise<RotateResult> {
    return this.host.accounts.rotate(credential, options)
  }

  /**
   * Stores a second credential of the same account, which is used when the provider refuses the current one. It replaces
   * the backup, if there is one; connecting again drops it.
   * @throws as {@link rotate} does
   */
  setBackup(credential: Credential<Types>, options: BackupOptions = {}): Promise<BackupResult> {
    return this.host.accounts.setBackup(credential, options)
  }

  /** Deletes the backup; returns false if there was none. */
  removeBackup(options: OperationOptions = {}): Promise<boolean> {
    return this.host.accounts.removeBackup(options)
  }

  /** How the connection stands: its state, whose account it is, when its token ends. Asks the store only. */
  status(options: OperationOptions = {}): Promise<ConnectionStatus> {
    return this.host.accounts.status(options)
  }

  /** Whether there is a credential to call with. Asks the store, not the provider: see `health`. */
  isConnected(options: OperationOptions = {}): Promise<boolean> {
    return this.host.accounts.isConnected(options)
  }

  /** Asks the provider whether the connection works. Never rejects. */
  health(options: OperationOptions = {}): Promise<Health> {
    return this.host.health(options)
  }

  /**
   * Calls a tool.
   * @param tool its name
   * @param input what its schema asks for
   */
  call<T extends keyof Tools<Types> & string>(
    tool: T,
    input: In<Tools<Types>[T]>,
    options?: CallOptions,
  ): Promise<Out<Tools<Types>[T]>> {
    return this.invoke(tool, input, options) as Promise<Out<Tools<Types>[T]>>
  }

  /** Calls a tool that reads; a tool that writes is refused, by the compiler and at run time. */
  getData<T extends keyof Matching<Tools<Types>, { readonly effect: 'read' }> & string>(
    tool: T,
    input: In<Tools<Types>[T]>,
    options?: CallOptions,
  ): Promise<Out<Tools<Types>[T]>> {
    return this.#only('getData', tool, input, options, (effect) => effect === 'read') as Promise<Out<Tools<Types>[T]>>
  }

  /** Calls a tool that writes or destroys; a tool that reads is refused, by the compiler and at run time. */
  sendData<T extends keyof Matching<Tools<Types>, Writes> & string>(
    tool: T,
    input: In<Tools<Types>[T]>,
    options?: CallOptions,
  ): Promise<Out<Tools<Types>[T]>> {
    return this.#only('sendData', tool, input, options, (effect) => effect !== 'read') as Promise<Out<Tools<Types>[T]>>
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

  /** The pages of a paged tool, one after the other, each fetched when it is asked for. */
  pages<T extends keyof Matching<Tools<Types>, { readonly shape: 'pages' }> & string>(
    tool: T,
    input: In<Tools<Types>[T]>,
    options?: CallOptions,
  ): AsyncGenerator<Part<Tools<Types>[T]>, void, undefined> {
    return this.#inParts(tool, input, options)
  }

  /** The items of a streaming tool, as they arrive. Leaving the loop ends the request. */
  stream<T extends keyof Matching<Tools<Types>, { readonly shape: 'stream' }> & string>(
    tool: T,
    input: In<Tools<Types>[T]>,
    options?: CallOptions,
  ): AsyncGenerator<Part<Tools<Types>[T]>, void, undefined> {
    return this.#inParts(tool, input, options)
  }

  /** The untyped door that the envelope and AI agents use; `call` is the same door with types. */
  invoke(tool: string, input: unknown, options?: CallOptions): Promise<unknown> {
    return this.#start(tool, input, options, this.#perform)
  }

  abstract listTools(): Promise<readonly ToolDescription[]>

  /** Does the work of one call. Its input has been validated, and the call is permitted. */
  protected abstract perform(call: Call): Promise<unknown>

  /** The same for a caller who takes the answer in parts: pages, or items of a stream. */
  protected performInParts(call: Call): Promise<AsyncIterable<unknown>> {
    return Promise.reject(
      new ConnectorError('TOOL_NOT_SUPPORTED', `${call.toolName} answers at once, not in parts.`, {
        hint: 'Use call().',
      }),
    )
  }

  /** Does the work of one sync. A client whose service can be synced overrides it. */
  protected performSync(resource: string, _options: SyncOptions): Promise<SyncResult> {
    const { serverId } = this.host
    return Promise.reject(
      new ConnectorError('TOOL_NOT_SUPPORTED', `${serverId} does not sync "${resource}".`, { serverId }),
    )
  }

  /**
   * What the pipeline has to know of a tool. Unless a subclass knows better a tool is taken to write, so that nothing
   * is repeated or allowed by mistake.
   */
  protected toolFacts(_tool: string): ToolFacts | undefined {
    return { effect: 'write' }
  }

  /** Tells the host's listeners of `${serverId}.${event}`. */
  protected emit<E extends Name<Events<Types>>>(event: E, data: Events<Types>[E]): void {
    this.host.emit(event, data)
  }

  // One closure for the life of the view, not one for each call.
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

  #only(
    method: string,
    toolName: string,
    input: unknown,
    options: CallOptions | undefined,
    allows: (effect: Effect) => boolean,
  ): Promise<unknown> {
    const tool = this.#factsOf(toolName)
    if (tool === undefined || allows(tool.effect)) return this.invoke(toolName, input, options)
    return Promise.reject(
      new ConnectorError(
        'TOOL_NOT_SUPPORTED',
        `${toolName} is a ${tool.effect} tool, which ${method}() does not call.`,
        {
          serverId: this.host.serverId,
          toolName,
          hint: tool.effect === 'read' ? 'Use getData() or call().' : 'Use sendData() or call().',
        },
      ),
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
