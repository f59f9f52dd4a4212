import { ConnectorClient, ConnectorError } from '@mcpclient/core'
import type {
  Call,
  ClientHost,
  ConnectResult,
  Effect,
  Exchange,
  ExchangeContext,
  Health,
  OmittedTool,
  ToolFacts,
} from '@mcpclient/core'
import type { McpCallOptions, McpInput, McpServerTypes } from './mcp-server-types.ts'
import { resourceContentsOf } from './results/content-part.ts'
import type { ResourceContents } from './results/content-part.ts'
import type { McpToolResult } from './results/tool-result.ts'
import { promptMessagesOf, promptOf, resourceOf, resourceTemplateOf } from './server-content.ts'
import type { McpCompletion, McpPrompt, McpPromptMessages, McpResource, McpResourceTemplate } from './server-content.ts'
import { askedHealth } from './server-health.ts'
import type { Caller, Connection } from './session/connection.ts'
import { ConnectionPool } from './session/connection-pool.ts'
import type { RequestContext, Session } from './session/session.ts'
import { describe } from './tools/definition.ts'
import type { McpToolDescription } from './tools/definition.ts'
import { inputOf } from './tools/tool-input.ts'
import { callTool } from './call-tool.ts'

/** Milliseconds for a list that the client asks for by itself, all pages together. */
const LIST_MS = 6 * 60_000

const READ: ToolFacts = { effect: 'read' }

type Ask<Value> = (session: Session, context: RequestContext) => Promise<Value>

/**
 * The client of one MCP server: its tools through `call`, and the rest of the protocol through methods of its own. Its
 * methods reject with a `ConnectorError`.
 *
 * Reading resources and prompts passes the host's permissions as tool calls do, under the names of the protocol:
 * `docs.resources/read`, `docs.prompts/get`.
 */
export class McpServerClient<Credential extends object = {}> extends ConnectorClient<McpServerTypes<Credential>> {
  readonly #pool: ConnectionPool

  /**
   * Only `mcpServer` and `mcpProcess` make one.
   * @param pool what the clients of one server share
   */
  constructor(host: ClientHost, pool: object) {
    super(host)
    if (!(pool instanceof ConnectionPool)) throw new TypeError('A client is made by mcpServer() or mcpProcess().')
    this.#pool = pool
  }

  override call(tool: string, input: McpInput, options?: McpCallOptions): Promise<McpToolResult> {
    return this.invoke(tool, input, options) as Promise<McpToolResult>
  }

  /** Calls a tool that the composition's `effects` say reads; any other is refused. */
  override getData(tool: string, input: McpInput, options?: McpCallOptions): Promise<McpToolResult> {
    return super.getData<never>(tool as never, input, options)
  }

  /** Calls a tool that writes or destroys, as far as the composition's `effects` say; one that reads is refused. */
  override sendData(tool: string, input: McpInput, options?: McpCallOptions): Promise<McpToolResult> {
    return super.sendData<never>(tool as never, input, options)
  }

  /**
   * The tools that the composition offers, as the server describes them.
   * @param options.fresh asks the server even where the last list is good still
   */
  override async listTools(options: { readonly fresh?: boolean } = {}): Promise<readonly McpToolDescription[]> {
    const { setup } = this.#pool
    const connection = this.#connection
    if (options.fresh === true || !connection.catalog.isFresh) await this.#list(connection)
    return connection.catalog.tools
      .filter(({ name }) => setup.offers(name))
      .map((definition) => describe(definition, setup.facts(definition.name)))
  }

  /** Returns the tools of the server's last list that are not in `listTools()`, and why. Lists nothing by itself. */
  omittedTools(): readonly OmittedTool[] {
    const { setup } = this.#pool
    return this.#connection.catalog.omitted.filter(({ name }) => name === undefined || setup.offers(name))
  }

  /**
   * Takes tools that were changed since they were first seen for the right ones from now on: see `onDrift`.
   * @param names absent: all of them
   * @returns those that had been blocked
   */
  async acceptTools(names?: readonly string[]): Promise<readonly string[]> {
    if (!this.#connection.catalog.isLoaded) await this.#list(this.#connection)
    return this.#connection.catalog.accept(names)
  }

  async resources(options?: McpCallOptions): Promise<readonly McpResource[]> {
    const found = await this.#read('resources/list', undefined, options, (session, asked) =>
      session.listResources(asked),
    )
    return found.items.map(resourceOf)
  }

  async resourceTemplates(options?: McpCallOptions): Promise<readonly McpResourceTemplate[]> {
    const found = await this.#read('resources/templates/list', undefined, options, (session, asked) =>
      session.listResourceTemplates(asked),
    )
    return found.items.map(resourceTemplateOf)
  }

  /** The contents of a resource; several where it is a folder of others. */
  async readResource(uri: string, options?: McpCallOptions): Promise<readonly ResourceContents[]> {
    const { contents } = await this.#read('resources/read', { uri }, options, (session, asked) =>
      session.readResource(uri, asked),
    )
    return contents.map((each) => resourceContentsOf({ ...each }))
  }

  /**
   * Emits `resource_updated` whenever the resource changes; also after the connection was lost and is back.
   * @returns ends the watching
   */
  async watchResource(uri: string, options?: McpCallOptions): Promise<() => Promise<void>> {
    await this.#send('resources/subscribe', { uri }, options, (connection, context) => connection.watch(uri, context))
    let watching = true
    return async () => {
      if (!watching) return
      watching = false
      await this.#send('resources/unsubscribe', { uri }, undefined, (connection, context) =>
        connection.unwatch(uri, context),
      )
    }
  }

  async prompts(options?: McpCallOptions): Promise<readonly McpPrompt[]> {
    const found = await this.#read('prompts/list', undefined, options, (session, asked) => session.listPrompts(asked))
    return found.items.map(promptOf)
  }

  /**
   * A prompt, filled in.
   * @param values the prompt's arguments by name
   */
  async getPrompt(
    name: string,
    values: Readonly<Record<string, string>> = {},
    options?: McpCallOptions,
  ): Promise<McpPromptMessages> {
    const found = await this.#read('prompts/get', { name, arguments: values }, options, (session, asked) =>
      session.getPrompt(name, values, asked),
    )
    return promptMessagesOf(found)
  }

  /**
   * What the value of an argument may be completed to.
   * @param of the prompt, or the URI template, that the argument belongs to
   * @param argument its name, and what has been typed so far
   * @param known values of other arguments, which may narrow the choice
   */
  async complete(
    of: { readonly prompt: string } | { readonly resource: string },
    argument: { readonly name: string; readonly value: string },
    known: Readonly<Record<string, string>> = {},
    options?: McpCallOptions,
  ): Promise<McpCompletion> {
    const ref =
      'prompt' in of
        ? { type: 'ref/prompt' as const, name: of.prompt }
        : { type: 'ref/resource' as const, uri: of.resource }
    const params = { ref, argument: { ...argument }, context: { arguments: { ...known } } }
    const { completion } = await this.#read('completion/complete', params, options, (session, asked) =>
      session.complete(params, asked),
    )
    const { values, total, hasMore } = completion
    return { values, ...(total !== undefined && { total }), hasMore: hasMore ?? false }
  }

  override async connect(
    ...[credential, options]: Parameters<ConnectorClient<McpServerTypes<Credential>>['connect']>
  ): Promise<ConnectResult> {
    const result = await super.connect(credential, options).catch(async (error: unknown) => {
      // There is nothing to agree to where everybody is let in.
      const isUnasked = credential === undefined && ConnectorError.is(error) && error.code === 'CONFIGURATION_ERROR'
      if (isUnasked && (await this.#pool.access.isOpen?.()) === true) return { status: 'connected' } as const
      throw error
    })
    // The session there was belongs to whoever was connected before.
    if (result.status === 'connected') await this.#pool.drop(this.host)
    return result
  }

  override async disconnect(): Promise<boolean> {
    const removed = await super.disconnect()
    await this.#pool.drop(this.host)
    return removed
  }

  override async health(): Promise<Health> {
    const health = await super.health()
    const { access, setup } = this.#pool
    const { isOpen } = access
    if (health.status === 'not_connected') {
      if (isOpen === undefined) return health
      // A server that lets everybody in is well, though nobody connected.
      return askedHealth(health, setup.clock, async () => ((await isOpen()) ? 'healthy' : health.status))
    }
    if (setup.link.kind === 'http') return health
    return askedHealth(health, setup.clock, async () => {
      await this.#inquire('ping', (session, asked) => session.ping(asked))
      return health.status
    })
  }

  protected override toolFacts(tool: string): ToolFacts {
    return this.#pool.setup.facts(tool)
  }

  protected override async perform(call: Call): Promise<McpToolResult> {
    const { toolName, options } = call
    const { setup } = this.#pool
    const input = inputOf(call)
    if (!setup.offers(toolName)) throw notOffered(call)
    const { onProgress } = options as McpCallOptions
    const caller: Caller = { call, onProgress }
    return (await this.#request(
      call,
      {
        method: 'EXCHANGE',
        path: `tools/call ${toolName}`,
        summary: { name: toolName, arguments: input },
        run: (context) =>
          callTool({ connection: this.#connection, setup, caller, context, call, input, logger: this.host.logger }),
      },
      call.tool.effect,
    )) as McpToolResult
  }

  get #connection(): Connection {
    return this.#pool.of(this.host, this.#refresh)
  }

  /** A read that passes the host's permissions, and is reported, as a tool call is. */
  #read<Value>(name: string, input: unknown, options: McpCallOptions | undefined, ask: Ask<Value>): Promise<Value> {
    const caller: Caller = { onProgress: options?.onProgress }
    return this.#send(name, input, options, (connection, context) => connection.use(context, caller, ask))
  }

  #send<Value>(
    name: string,
    input: unknown,
    options: McpCallOptions | undefined,
    send: (connection: Connection, context: ExchangeContext) => Promise<Value>,
  ): Promise<Value> {
    const exchange = this.#exchange(name, input, (context) => send(this.#connection, context))
    const perform = (call: Call) => this.#request(call, exchange, 'read')
    return this.host.run({ toolName: name, tool: READ, input, options: options ?? {}, perform }) as Promise<Value>
  }

  /** What is asked for the client's own sake passes the pipeline's second list only: no tool is called. */
  async #inquire<Value>(name: string, ask: Ask<Value>): Promise<Value> {
    const { serverId, principal, connection } = this.host
    const { clock } = this.#pool.setup
    const call: Call = {
      requestId: crypto.randomUUID(),
      serverId,
      toolName: name,
      tool: READ,
      input: undefined,
      principal,
      connection,
      options: {},
      deadline: clock.monotonic() + LIST_MS,
      tally: { requests: 0 },
      perform: () => Promise.resolve(undefined),
    }
    const exchange = this.#exchange(name, undefined, (context) => this.#connection.use(context, {}, ask))
    const body = await this.#request(call, exchange, 'read').catch((error: unknown) => {
      throw ConnectorError.is(error) ? error.with({ serverId }) : error
    })
    return body as Value
  }

  async #request(call: Call, exchange: Exchange, effect: Effect): Promise<unknown> {
    try {
      return (await this.host.request(call, exchange, { effect })).body
    } catch (error) {
      throw await this.#pool.stepUps.explain(error, this.host)
    }
  }

  #exchange(path: string, summary: unknown, run: Exchange['run']): Exchange {
    return { method: 'EXCHANGE', path, summary, run }
  }

  #list(connection: Connection) {
    return connection.catalog.load(() => this.#inquire('tools/list', (session, asked) => session.listTools(asked)))
  }

  readonly #refresh = async (connection: Connection): Promise<void> => {
    const change = await this.#list(connection)
    const { added, removed, changed } = change
    if (added.length + removed.length + changed.length > 0) connection.announce(change)
  }
}

const notOffered = ({ serverId, toolName }: Call): ConnectorError =>
  new ConnectorError('PERMISSION_DENIED', `${serverId}.${toolName} is not among the tools that the host offers.`, {
    outcome: 'not_processed',
    hint: 'See the option `tools` of the connector.',
  })
