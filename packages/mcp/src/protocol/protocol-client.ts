import type {
  CallToolRequest,
  CallToolResult,
  Client,
  DiscoverResult,
  RequestOptions,
  StandardSchemaV1,
  Tool,
} from '@modelcontextprotocol/client'
import { ConnectorError } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import { failureOf, HEADER_MISMATCH } from '../failures/sdk-failure.ts'
import type { FailureContext } from '../failures/sdk-failure.ts'
import { SessionLost } from '../failures/session-lost.ts'
import { validate } from '../json-schema/schema-validator.ts'
import type { ToolDefinition } from '../tools/definition.ts'
import type { Listed } from '../wire/notes.ts'
import type { LinkedTransport } from './link.ts'
import { emptyIfUnknown, pagedList } from './paged-list.ts'

/** The progress of a tool. */
export interface McpProgress {
  readonly progress: number
  readonly total?: number | undefined
  readonly message?: string | undefined
}

export interface RequestContext {
  readonly signal: AbortSignal | undefined
  readonly requestId: string
  readonly onProgress: (progress: McpProgress) => void
  /** Restarts the time limit of the request. */
  readonly extend: () => void
}

/** The capabilities of a server that this package uses. */
export interface Capabilities {
  readonly tools: boolean
  readonly resources: boolean
  readonly prompts: boolean
  readonly completions: boolean
  readonly logging: boolean
  readonly resourceSubscriptions: boolean
  readonly changes: { readonly tools: boolean; readonly resources: boolean; readonly prompts: boolean }
}

/** The longest delay of a timer: requests end by the limits of core, never by those of the SDK. */
export const NEVER_MS = 2 ** 31 - 1

/** The definition of an unknown tool: with one, the SDK neither lists the tools itself nor checks outputs. */
const UNKNOWN_TOOL: Pick<Tool, 'inputSchema'> = { inputSchema: { type: 'object' } }

/**
 * Accepts any tool result, because `WatchedTransport` has checked and repaired it. Without a schema, the SDK validates the
 * result again, and `undefined` before each request, to learn whether it knows the method.
 */
const REPAIRED_RESULT: StandardSchemaV1<unknown, CallToolResult> = {
  '~standard': { version: 1, vendor: 'mcpclient', validate: (value) => ({ value: value as CallToolResult }) },
}

interface ProtocolClientContext {
  readonly clock: Clock
  readonly client: Client
  readonly linked: LinkedTransport
  readonly serverId: string
  readonly secrets: readonly string[]
  /** Whether a request has headers, as over HTTP. */
  readonly hasHeaders: boolean
}

/** One live connection to a server, over the SDK's client. Rejects with a `ConnectorError` or a `SessionLost`. */
export class ProtocolClient {
  readonly modern: boolean
  readonly capabilities: Capabilities
  /** The server's name for itself. */
  readonly server: string | undefined
  /** The discovery result of a modern server, which saves the next connection a round trip. */
  readonly discover: DiscoverResult | undefined
  isOpen = true
  /** Called once when the connection ends without `close()`. */
  onLost: (() => void) | undefined
  readonly #client: Client
  readonly #linked: LinkedTransport
  readonly #serverId: string
  readonly #secrets: readonly string[]
  readonly #hasHeaders: boolean
  readonly #clock: Clock
  #closing = false
  #pending = 0
  #onSettled: (() => void) | undefined

  constructor({ client, linked, serverId, secrets, hasHeaders, clock }: ProtocolClientContext) {
    this.#client = client
    this.#linked = linked
    this.#serverId = serverId
    this.#secrets = secrets
    this.#hasHeaders = hasHeaders
    this.#clock = clock
    this.modern = client.getProtocolEra() === 'modern'
    this.capabilities = capabilitiesOf(client)
    const version = client.getServerVersion()
    this.server = version?.title ?? version?.name
    this.discover = client.getDiscoverResult()
    client.onclose = () => {
      this.isOpen = false
      if (!this.#closing) this.onLost?.()
    }
  }

  callTool(
    name: string,
    input: Readonly<Record<string, unknown>>,
    definition: ToolDefinition | undefined,
    context: RequestContext,
  ) {
    const params: CallToolRequest['params'] = { name, arguments: input }
    const options = this.#optionsFor(context)
    if (!this.modern)
      return this.#request(() => this.#client.request({ method: 'tools/call', params }, REPAIRED_RESULT, options))
    // The output is checked later: a broken output schema must not keep a tool from being called.
    const { outputSchema: _, ...known } = definition ?? { ...UNKNOWN_TOOL, name }
    return this.#request(() => this.#client.callTool(params, { ...options, toolDefinition: known as Tool }))
  }

  /** Returns whether a modern server refused a call because of headers that a newer definition of the tool requires. */
  wantsNewerDefinition(error: unknown): boolean {
    return ConnectorError.is(error) && error.details.providerCode === String(HEADER_MISMATCH)
  }

  /** Validates a tool's output. A member of this class, so that the validator is loaded with the first connection. */
  validate = validate

  listTools = (context: RequestContext, maxPages?: number) =>
    this.#list(this.capabilities.tools, context, {
      page: (params, options) => this.#client.request({ method: 'tools/list', params }, options),
      itemsOf: ({ tools }) => tools,
      maxPages,
    })

  listResources = (context: RequestContext) =>
    this.#list(this.capabilities.resources, context, {
      page: (params, options) => this.#client.request({ method: 'resources/list', params }, options),
      itemsOf: ({ resources }) => resources,
    })

  listResourceTemplates = (context: RequestContext) =>
    this.#list(this.capabilities.resources, context, {
      page: (params, options) => this.#client.request({ method: 'resources/templates/list', params }, options),
      itemsOf: ({ resourceTemplates }) => resourceTemplates,
    })

  listPrompts = (context: RequestContext) =>
    this.#list(this.capabilities.prompts, context, {
      page: (params, options) => this.#client.request({ method: 'prompts/list', params }, options),
      itemsOf: ({ prompts }) => prompts,
    })

  readResource = (uri: string, context: RequestContext) =>
    this.#request(() => this.#client.readResource({ uri }, this.#uncachedOptionsFor(context)))

  getPrompt = (name: string, values: Readonly<Record<string, string>>, context: RequestContext) =>
    this.#request(() => this.#client.getPrompt({ name, arguments: { ...values } }, this.#optionsFor(context)))

  complete = (params: Parameters<Client['complete']>[0], context: RequestContext) =>
    this.#request(() => this.#client.complete(params, this.#optionsFor(context)))

  ping = (context: RequestContext) =>
    this.#request(() =>
      this.modern ? this.#client.discover(this.#optionsFor(context)) : this.#client.ping(this.#optionsFor(context)),
    )

  /** Subscribes to one resource at a legacy server. */
  subscribe = (uri: string, context: RequestContext) =>
    this.#request(() => this.#client.subscribeResource({ uri }, this.#optionsFor(context)))

  unsubscribe = (uri: string, context: RequestContext) =>
    this.#request(() => this.#client.unsubscribeResource({ uri }, this.#optionsFor(context)))

  /** Opens the one stream of a modern server for everything in `filter`. */
  listen(filter: Parameters<Client['listen']>[0]) {
    return this.#request(() => this.#client.listen(filter))
  }

  /** Keeps this process alive until `unref` is called as often. */
  ref(): void {
    this.#linked.ref()
  }

  unref(): void {
    this.#linked.unref()
  }

  /**
   * Ends the connection. Never rejects.
   * @param farewell whether to end the session at the server. If not, as when the session expired, pending requests settle first: only
   *   a request that the server itself turned away may be sent again.
   */
  async close(farewell: boolean): Promise<void> {
    this.#closing = true
    if (!farewell) await this.#settled()
    else if (this.isOpen) await this.#linked.endSession()
    this.isOpen = false
    await this.#client.close().catch(() => undefined)
  }

  async #request<Value>(send: () => Promise<Value>): Promise<Value> {
    const hadSession = this.#client.transport?.sessionId !== undefined
    this.#pending += 1
    try {
      return await send()
    } catch (error) {
      throw this.#failureOf(error, hadSession)
    } finally {
      this.#pending -= 1
      if (this.#pending === 0) this.#onSettled?.()
    }
  }

  async #settled(): Promise<void> {
    if (this.#pending === 0) return
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve
    })
  }

  #failureOf(error: unknown, hadSession: boolean): Error {
    const context: FailureContext = {
      serverId: this.#serverId,
      modern: this.modern,
      hadSession,
      secrets: this.#secrets,
    }
    const { error: failure, lost } = failureOf(error, context)
    if (lost === 'closed') return new SessionLost(lost, this.#linked.explain(failure))
    if (lost !== undefined) return new SessionLost(lost, failure)
    return failure
  }

  #optionsFor({ signal, onProgress, requestId }: RequestContext) {
    return {
      timeout: NEVER_MS,
      onprogress: onProgress,
      ...(signal && { signal }),
      ...(this.#hasHeaders && isHeaderValue(requestId) && { headers: { 'x-request-id': requestId } }),
    }
  }

  /** Disables the SDK's own cache, which would return data that a server withdrew long ago. */
  #uncachedOptionsFor(context: RequestContext) {
    return { ...this.#optionsFor(context), cacheMode: 'bypass' as const }
  }

  /** Lists page by page: the SDK's own loop rejects long lists and loses what arrived. */
  #list<Page extends { readonly nextCursor?: string | undefined }, Item>(
    isAnnounced: boolean,
    context: RequestContext,
    { page, ...list }: ListRequest<Page, Item>,
  ): Promise<Listed<Item>> {
    const options = this.#optionsFor(context)
    const request = (params: { readonly cursor?: string }) => page(params, options)
    const pages = { ...list, page: request, clock: this.#clock, onPage: () => context.extend() }
    return this.#request(() => emptyIfUnknown(isAnnounced, () => pagedList(pages)))
  }
}

interface ListRequest<Page, Item> {
  readonly page: (params: { readonly cursor?: string }, options: RequestOptions) => Promise<Page>
  readonly itemsOf: (page: Page) => readonly Item[]
  readonly maxPages?: number | undefined
}

const isHeaderValue = (text: string): boolean => /^[\x21-\x7e]{1,200}$/.test(text)

function capabilitiesOf(client: Client): Capabilities {
  const { tools, resources, prompts, completions, logging } = client.getServerCapabilities() ?? {}
  return {
    tools: tools !== undefined,
    resources: resources !== undefined,
    prompts: prompts !== undefined,
    completions: completions !== undefined,
    logging: logging !== undefined,
    resourceSubscriptions: resources?.subscribe === true,
    changes: {
      tools: tools?.listChanged === true,
      resources: resources?.listChanged === true,
      prompts: prompts?.listChanged === true,
    },
  }
}
