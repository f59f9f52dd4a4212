import type { CallToolRequest, Client, DiscoverResult, RequestOptions, Tool } from '@modelcontextprotocol/client'
import { ConnectorError } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import type { ToolDefinition } from '../tools/definition.ts'
import { allPages, emptyIfUnknown } from './all-pages.ts'
import type { Listed } from './all-pages.ts'
import { failureOf, HEADER_MISMATCH } from './failure-of.ts'
import type { About } from './failure-of.ts'
import type { LinkedTransport } from './link.ts'
import { judge } from './output-check.ts'
import { SessionLost } from './session-lost.ts'

/** How far a tool has come. */
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

/** What a server can do, as far as this package asks. */
export interface Capabilities {
  readonly tools: boolean
  readonly resources: boolean
  readonly prompts: boolean
  readonly completions: boolean
  readonly logging: boolean
  readonly resourceSubscriptions: boolean
  readonly changes: { readonly tools: boolean; readonly resources: boolean; readonly prompts: boolean }
}

/** The longest that a timer takes: core's own limits end a request, never the SDK's. */
export const NEVER_MS = 2 ** 31 - 1

/** Stands for a tool whose definition is not known: the SDK then neither lists the tools by itself nor checks outputs. */
const UNKNOWN_TOOL: Pick<Tool, 'inputSchema'> = { inputSchema: { type: 'object' } }

interface SessionContext {
  readonly clock: Clock
  readonly client: Client
  readonly linked: LinkedTransport
  readonly serverId: string
  readonly secrets: readonly string[]
  /** Whether a request has headers, as over HTTP. */
  readonly hasHeaders: boolean
}

/** One live connection to a server, in the SDK's hands. Whatever it rejects with is a `ConnectorError` or `SessionLost`. */
export class Session {
  readonly modern: boolean
  readonly capabilities: Capabilities
  /** The server's name for itself. */
  readonly server: string | undefined
  /** What a modern server said of itself, so that connecting again needs no round trip. */
  readonly discover: DiscoverResult | undefined
  isOpen = true
  /** Told once when the connection ends without having been closed from here. */
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

  constructor({ client, linked, serverId, secrets, hasHeaders, clock }: SessionContext) {
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
    const options = this.#optionsOf(context)
    if (!this.modern) return this.#ask(() => this.#client.callTool(params, options))
    // Its output is checked later, and by us: a bad schema must not keep a tool from being called.
    const { outputSchema: _, ...known } = definition ?? { ...UNKNOWN_TOOL, name }
    return this.#ask(() => this.#client.callTool(params, { ...options, toolDefinition: known as Tool }))
  }

  /** Whether a modern server refused a call over headers that a newer definition of the tool asks for. */
  wantsNewerDefinition(error: unknown): boolean {
    return ConnectorError.is(error) && error.details.providerCode === String(HEADER_MISMATCH)
  }

  /** Judges a tool's output by its schema. It is here because this file is loaded with the first connection only. */
  judge = judge

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
    this.#ask(() => this.#client.readResource({ uri }, this.#uncachedOptionsOf(context)))

  getPrompt = (name: string, values: Readonly<Record<string, string>>, context: RequestContext) =>
    this.#ask(() => this.#client.getPrompt({ name, arguments: { ...values } }, this.#optionsOf(context)))

  complete = (params: Parameters<Client['complete']>[0], context: RequestContext) =>
    this.#ask(() => this.#client.complete(params, this.#optionsOf(context)))

  /** Asks for a sign of life. */
  ping = (context: RequestContext) =>
    this.#ask(() =>
      this.modern ? this.#client.discover(this.#optionsOf(context)) : this.#client.ping(this.#optionsOf(context)),
    )

  /** Legacy servers are told of each resource to watch. */
  watch = (uri: string, context: RequestContext) =>
    this.#ask(() => this.#client.subscribeResource({ uri }, this.#optionsOf(context)))

  unwatch = (uri: string, context: RequestContext) =>
    this.#ask(() => this.#client.unsubscribeResource({ uri }, this.#optionsOf(context)))

  /** Modern servers are told of all that is wanted at once; the promise is for the stream to be open. */
  listen(filter: Parameters<Client['listen']>[0]) {
    return this.#ask(() => this.#client.listen(filter))
  }

  /** Keeps this process alive while something waits for the server, and lets it go again. */
  hold(): void {
    this.#linked.hold()
  }

  release(): void {
    this.#linked.release()
  }

  /**
   * Ends the connection. Never rejects.
   * @param farewell whether the server is told. One that forgot the session need not be, and requests that are about to
   *   find out get the time to: they may be made again only because the server itself has turned them away.
   */
  async close(farewell: boolean): Promise<void> {
    this.#closing = true
    if (!farewell) await this.#settled()
    else if (this.isOpen) await this.#linked.endSession()
    this.isOpen = false
    await this.#client.close().catch(() => undefined)
  }

  async #ask<Value>(request: () => Promise<Value>): Promise<Value> {
    const hadSession = this.#client.transport?.sessionId !== undefined
    this.#pending += 1
    try {
      return await request()
    } catch (error) {
      throw this.#failed(error, hadSession)
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

  #failed(error: unknown, hadSession: boolean): Error {
    const about: About = { serverId: this.#serverId, modern: this.modern, hadSession, secrets: this.#secrets }
    const { error: failure, lost } = failureOf(error, about)
    if (lost === 'closed') return new SessionLost(lost, this.#linked.explain(failure))
    if (lost !== undefined) return new SessionLost(lost, failure)
    return failure
  }

  #optionsOf({ signal, onProgress, requestId }: RequestContext) {
    return {
      timeout: NEVER_MS,
      onprogress: onProgress,
      ...(signal && { signal }),
      ...(this.#hasHeaders && isHeaderValue(requestId) && { headers: { 'x-request-id': requestId } }),
    }
  }

  /** The SDK's own cache is not used: it would keep what a server withdrew long ago. */
  #uncachedOptionsOf(context: RequestContext) {
    return { ...this.#optionsOf(context), cacheMode: 'bypass' as const }
  }

  /** Lists are requested page by page: the SDK's own loop ends long lists with an error, and loses what it has. */
  #list<Page extends { readonly nextCursor?: string | undefined }, Item>(
    isAnnounced: boolean,
    context: RequestContext,
    { page, ...list }: ListRequest<Page, Item>,
  ): Promise<Listed<Item>> {
    const options = this.#optionsOf(context)
    const request = (params: { readonly cursor?: string }) => page(params, options)
    const pages = { ...list, page: request, clock: this.#clock, onPage: () => context.extend() }
    return this.#ask(() => emptyIfUnknown(isAnnounced, () => allPages(pages)))
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
