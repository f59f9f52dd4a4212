import { ConnectorClient, ConnectorError } from '@mcpclient/core'
import type { Call, ClientHost, Clock, ConnectResult, Health, OmittedTool, ToolFacts } from '@mcpclient/core'
import { callTool, toolInput } from './client/call-tool.ts'
import type { McpCallOptions, McpInput, McpServerTypes } from './client/mcp-server-types.ts'
import { ServerRequests } from './client/server-requests.ts'
import { resourceContentsOf } from './results/content-part.ts'
import type { ResourceContents } from './results/content-part.ts'
import { promptMessagesOf, promptOf, resourceOf, resourceTemplateOf } from './results/resources-and-prompts.ts'
import type {
  McpCompletion,
  McpPrompt,
  McpPromptMessages,
  McpResource,
  McpResourceTemplate,
} from './results/resources-and-prompts.ts'
import type { McpToolResult } from './results/tool-result.ts'
import type { Caller } from './session/server-session.ts'
import { SessionPool } from './session/session-pool.ts'
import { describe } from './tools/definition.ts'
import type { McpToolDescription } from './tools/definition.ts'

/**
 * The client of one MCP server: its tools through `call`, and the rest of the protocol through methods of its own. Its
 * methods reject with a `ConnectorError`.
 *
 * Reading resources and prompts passes the host's permissions as tool calls do, under the names of the protocol:
 * `docs.resources/read`, `docs.prompts/get`.
 */
export class McpServerClient<Credential extends object = {}> extends ConnectorClient<McpServerTypes<Credential>> {
  readonly #pool: SessionPool
  readonly #requests: ServerRequests

  /**
   * Only `mcpServer` and `mcpProcess` create one.
   * @param pool what the clients of one server share
   */
  constructor(host: ClientHost, pool: object) {
    super(host)
    if (!(pool instanceof SessionPool)) throw new TypeError('Create a client with mcpServer() or mcpProcess().')
    this.#pool = pool
    this.#requests = new ServerRequests(host, pool)
  }

  override call(tool: string, input: McpInput, options?: McpCallOptions): Promise<McpToolResult> {
    return this.invoke(tool, input, options) as Promise<McpToolResult>
  }

  /** Calls a tool that only reads, according to the composition's `effects`. Rejects for any other. */
  override getData(tool: string, input: McpInput, options?: McpCallOptions): Promise<McpToolResult> {
    return super.getData<never>(tool as never, input, options)
  }

  /** Calls a tool that writes or destroys, according to the composition's `effects`. Rejects for one that reads. */
  override sendData(tool: string, input: McpInput, options?: McpCallOptions): Promise<McpToolResult> {
    return super.sendData<never>(tool as never, input, options)
  }

  /**
   * Returns the tools that the composition offers, as the server describes them.
   * @param options.fresh lists them again, even if the cached list is still valid
   */
  override async listTools(options: { readonly fresh?: boolean } = {}): Promise<readonly McpToolDescription[]> {
    const { facts, offers } = this.#pool.server
    const { session } = this.#requests
    if (options.fresh === true || !session.catalog.isFresh) await this.#requests.listTools(session)
    return session.catalog.tools
      .filter(({ name }) => offers(name))
      .map((definition) => describe(definition, facts(definition.name)))
  }

  /** Returns the tools of the server's last list that are not in `listTools()`, and why. Sends no request. */
  omittedTools(): readonly OmittedTool[] {
    const { offers } = this.#pool.server
    return this.#requests.session.catalog.omitted.filter(({ name }) => name === undefined || offers(name))
  }

  /**
   * Accepts the current definitions of tools that changed after they were first seen: see `onDrift`.
   * @param names the tools to accept; absent: all
   * @returns the tools that were blocked
   */
  async acceptTools(names?: readonly string[]): Promise<readonly string[]> {
    const { session } = this.#requests
    if (!session.catalog.isLoaded) await this.#requests.listTools(session)
    return session.catalog.accept(names)
  }

  async resources(options?: McpCallOptions): Promise<readonly McpResource[]> {
    const { items } = await this.#requests.read('resources/list', undefined, options, (client, request) =>
      client.listResources(request),
    )
    return items.map(resourceOf)
  }

  async resourceTemplates(options?: McpCallOptions): Promise<readonly McpResourceTemplate[]> {
    const { items } = await this.#requests.read('resources/templates/list', undefined, options, (client, request) =>
      client.listResourceTemplates(request),
    )
    return items.map(resourceTemplateOf)
  }

  /** Returns the contents of a resource, which are several if it is a folder of others. */
  async readResource(uri: string, options?: McpCallOptions): Promise<readonly ResourceContents[]> {
    const { contents } = await this.#requests.read('resources/read', { uri }, options, (client, request) =>
      client.readResource(uri, request),
    )
    return contents.map((each) => resourceContentsOf({ ...each }))
  }

  /**
   * Emits `resource_updated` when the resource changes, across lost connections.
   * @returns a function that stops watching
   */
  async watchResource(uri: string, options?: McpCallOptions): Promise<() => Promise<void>> {
    await this.#requests.run('resources/subscribe', { uri }, options, (session, exchange) =>
      session.watch(uri, exchange),
    )
    let watching = true
    return async () => {
      if (!watching) return
      watching = false
      await this.#requests.run('resources/unsubscribe', { uri }, undefined, (session, exchange) =>
        session.unwatch(uri, exchange),
      )
    }
  }

  async prompts(options?: McpCallOptions): Promise<readonly McpPrompt[]> {
    const { items } = await this.#requests.read('prompts/list', undefined, options, (client, request) =>
      client.listPrompts(request),
    )
    return items.map(promptOf)
  }

  /**
   * Returns a prompt, filled in.
   * @param values the prompt's arguments by name
   */
  async getPrompt(
    name: string,
    values: Readonly<Record<string, string>> = {},
    options?: McpCallOptions,
  ): Promise<McpPromptMessages> {
    const prompt = await this.#requests.read('prompts/get', { name, arguments: values }, options, (client, request) =>
      client.getPrompt(name, values, request),
    )
    return promptMessagesOf(prompt)
  }

  /**
   * Returns completions for the value of an argument.
   * @param of the prompt, or the URI template, that the argument belongs to
   * @param argument its name, and what was typed so far
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
    const { completion } = await this.#requests.read('completion/complete', params, options, (client, request) =>
      client.complete(params, request),
    )
    const { values, total, hasMore } = completion
    return { values, ...(total !== undefined && { total }), hasMore: hasMore ?? false }
  }

  override async connect(
    ...[credential, options]: Parameters<ConnectorClient<McpServerTypes<Credential>>['connect']>
  ): Promise<ConnectResult> {
    const result = await super.connect(credential, options).catch(async (error: unknown) => {
      // A server that requires no credential has no consent to ask for.
      const mayBeOpen = credential === undefined && ConnectorError.is(error) && error.code === 'CONFIGURATION_ERROR'
      if (mayBeOpen && (await this.#pool.access.isOpen?.()) === true) return { status: 'connected' } as const
      throw error
    })
    // The current session belongs to the previous credential.
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
    const { access, server } = this.#pool
    const { isOpen } = access
    if (health.status === 'not_connected') {
      if (isOpen === undefined) return health
      // A server that requires no credential is healthy without a connection.
      return measured(health, server.clock, async () => ((await isOpen()) ? 'healthy' : health.status))
    }
    if (server.link.kind === 'http') return health
    return measured(health, server.clock, async () => {
      await this.#requests.inquire('ping', (client, request) => client.ping(request))
      return health.status
    })
  }

  protected override toolFacts(tool: string): ToolFacts {
    return this.#pool.server.facts(tool)
  }

  protected override async perform(call: Call): Promise<McpToolResult> {
    const { toolName, options } = call
    const { server } = this.#pool
    const input = toolInput(call)
    if (!server.offers(toolName)) throw notOffered(call)
    const { onProgress } = options as McpCallOptions
    const caller: Caller = { call, onProgress }
    return (await this.#requests.request(
      call,
      {
        method: 'EXCHANGE',
        path: `tools/call ${toolName}`,
        summary: { name: toolName, arguments: input },
        run: (exchange) => {
          const { session } = this.#requests
          return callTool({ session, server, caller, exchange, call, input, logger: this.host.logger })
        },
      },
      call.tool.effect,
    )) as McpToolResult
  }
}

const notOffered = ({ serverId, toolName }: Call): ConnectorError =>
  new ConnectorError('PERMISSION_DENIED', `${serverId}.${toolName} is not among the tools that the host offers.`, {
    outcome: 'not_processed',
    hint: 'See the option `tools` of the connector.',
  })

/** Returns `health` with the status that `check` returns, and the time that it took. */
async function measured(health: Health, clock: Clock, check: () => Promise<Health['status']>): Promise<Health> {
  const started = clock.monotonic()
  try {
    const status = await check()
    return { ...health, status, latencyMs: clock.monotonic() - started }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    return { ...health, status: 'unhealthy', latencyMs: clock.monotonic() - started, reason }
  }
}
