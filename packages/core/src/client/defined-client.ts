import { ConnectorError, withPartial } from '../errors/connector-error.ts'
import { redactFailure } from '../pipeline/call.ts'
import type { Call, ToolFacts } from '../pipeline/call.ts'
import { ConnectorClient } from './connector-client.ts'
import type { ConnectorTypes, ToolDescription } from '../connector/connector.ts'
import { explainFailure } from '../pipeline/explain-failure.ts'
import type { Exchange } from '../connector/exchange.ts'
import { valueAt, withValueAt } from '../connector/reply.ts'
import type { Reply } from '../connector/reply.ts'
import type { RequestSpec } from '../connector/request.ts'
import type { StreamReading } from '../connector/server-sent-events.ts'
import { drive } from '../connector/steps.ts'
import type { Step } from '../connector/steps.ts'
import type { SyncOptions, SyncResult } from '../connector/sync.ts'
import type { AnyTool } from '../connector/tool.ts'
import { TransportError } from '../ports/transport.ts'
import type { ClientHost } from './client-host.ts'
import { callOf } from './operation-call.ts'
import type { ClientOperation } from './operation.ts'
import { asConnectorError, parseResponse } from './parse-response.ts'

/** Default number of pages that a call gathers. */
const DEFAULT_MAX_PAGES = 25

/** Maximum number of requests in one call of a multi-step tool. */
const MAX_STEPS = 10_000

/** The client of a connector made by `defineConnector`. It turns a tool into requests, and their responses into output. */
export class DefinedClient<Types extends ConnectorTypes = ConnectorTypes> extends ConnectorClient<Types> {
  /** Sends the requests of an operation that is not a tool, as one call. */
  static send(host: ClientHost, operation: ClientOperation): Promise<unknown> {
    const client = new DefinedClient(host)
    return host.run(callOf(operation, (call) => client.perform(call)))
  }

  override async listTools(): Promise<readonly ToolDescription[]> {
    const { describeTool } = await import('../connector/describe.ts')
    return Object.entries(this.host.tools).map(([name, tool]) => describeTool(name, tool))
  }

  protected override toolFacts(tool: string): ToolFacts | undefined {
    return Object.hasOwn(this.host.tools, tool) ? this.host.tools[tool] : undefined
  }

  protected override perform(call: Call): Promise<unknown> {
    return this.#performTool(call, this.#tool(call))
  }

  protected override async performInParts(call: Call): Promise<AsyncIterable<unknown>> {
    const tool = this.#tool(call)
    if (tool.pages) return labelErrors(call, this.#eachPage(call, tool))
    if (tool.stream) return labelErrors(call, await this.#openStream(call, tool, tool.stream))
    return super.performInParts(call)
  }

  protected override async performSync(resource: string, options: SyncOptions): Promise<SyncResult> {
    const { runSync } = await import('./run-sync.ts')
    return runSync(this.host, resource, options, (call) => this.perform(call))
  }

  #tool(call: Call): AnyTool {
    // `toolFacts` returned it, or the call would not have started.
    return call.tool as AnyTool
  }

  #performTool(call: Call, tool: AnyTool): Promise<unknown> {
    if (tool.run) return this.#runSteps(call, tool)
    if (tool.pages) return this.#gatherPages(call, tool)
    if (tool.stream) return this.#gatherItems(call, tool, tool.stream)
    let request: RequestSpec | Exchange
    try {
      request = tool.perform ? this.#exchangeOf(tool.perform, call) : requestOf(tool, call)
    } catch (error) {
      return Promise.reject(asConnectorError(error, call))
    }
    return this.host
      .request(call, request, { effect: tool.effect })
      .then((reply) => parseResponse(tool.output, reply.body, call))
  }

  #exchangeOf(perform: NonNullable<AnyTool['perform']>, call: Call): Exchange {
    const { principal, account } = this.host
    const { toolName, input, settings } = call
    const run: Exchange['run'] = async (context) => {
      try {
        // Safe: the input was parsed by the schema that `perform` is typed with.
        return await perform(input as never, { ...context, settings, principal, account } as never)
      } catch (error) {
        throw error instanceof TransportError ? error : asConnectorError(error, call)
      }
    }
    return { method: 'EXCHANGE', path: toolName, summary: input, run }
  }

  async #runSteps(call: Call, tool: AnyTool): Promise<unknown> {
    let completedSteps = 0
    let startedSteps = 0
    const perform = async (step: Step) => {
      const reads = step.request.method === 'GET' || step.request.method === 'HEAD'
      const effect = step.effect ?? (reads ? 'read' : tool.effect)
      const reply = await this.host.request(call, step.request, { effect })
      const output = parseResponse(step.schema, reply.body, call)
      completedSteps++
      return output
    }
    try {
      // Safe: the input was parsed by the schema that `run` is typed with.
      const run = tool.run?.(call.input as never, { settings: call.settings } as never)
      if (run === undefined) throw new TypeError('The tool has no run().')
      const output = await drive(run, async (step) => {
        startedSteps += 'all' in step ? Math.max(1, step.all.length) : 1
        try {
          if (startedSteps > MAX_STEPS) throw tooManySteps(call)
          if ('waitMs' in step) return await this.host.wait(call, step.waitMs)
          if (!('all' in step)) return await perform(step)
          const { performAll } = await import('./perform-all.ts')
          return await performAll(step, perform, () => this.host.isOver(call))
        } catch (error) {
          // A tool that catches errors must not continue a call that is over.
          if (startedSteps > MAX_STEPS || this.host.isOver(call)) run.return(undefined)
          throw error
        }
      })
      return parseResponse(tool.output, output, call)
    } catch (error) {
      const failure = asConnectorError(error, call)
      throw completedSteps === 0 ? failure : failure.with({ completedSteps })
    }
  }

  async #gatherPages(call: Call, tool: AnyTool): Promise<unknown> {
    const path = tool.pages?.items ?? ''
    const maxPages = call.options.maxPages ?? tool.pages?.max ?? DEFAULT_MAX_PAGES
    const items: unknown[] = []
    let first: unknown
    let pages = 0
    let complete = false
    try {
      for await (const { reply, last } of this.#replies(call, tool)) {
        first ??= reply.body
        const found = valueAt(reply.body, path)
        // One by one, because spreading a huge array overflows the stack.
        if (Array.isArray(found)) for (const item of found as unknown[]) items.push(item)
        // Only the schema knows whether a page may omit the list.
        else parseResponse(tool.output, reply.body, call)
        complete = last
        if (++pages >= maxPages) break
      }
    } catch (error) {
      throw pages === 0 ? error : withPartial(withPagesRead(asConnectorError(error, call), pages), items)
    }
    const output = parseResponse(tool.output, withValueAt(first, path, items), call)
    // An output that is the list itself becomes `items`, because `complete` needs an object.
    return Array.isArray(output) ? { items: output as unknown[], complete } : { ...(output as object), complete }
  }

  async *#eachPage(call: Call, tool: AnyTool): AsyncGenerator<unknown> {
    for await (const { reply } of this.#replies(call, tool)) yield parseResponse(tool.output, reply.body, call)
  }

  async *#replies(call: Call, tool: AnyTool): AsyncGenerator<{ reply: Reply; last: boolean }> {
    const seen = new Set<string>()
    let request = requestOf(tool, call)
    for (;;) {
      seen.add(pageKey(request))
      const reply: Reply = await this.host.request(call, request, { effect: tool.effect })
      const next = tool.pages?.next(reply, request)
      yield { reply, last: next === undefined }
      if (next === undefined) return
      if (seen.has(pageKey(next))) {
        const { serverId, toolName, requestId } = call
        const fields = { event: 'list.ended_early', serverId, toolName, requestId, pages: seen.size }
        this.host.logger.warn(fields, 'A list was ended because a page links to an earlier one.')
        return
      }
      request = next
    }
  }

  async #openStream(call: Call, tool: AnyTool, stream: StreamReading): Promise<AsyncIterable<unknown>> {
    // Loaded before the request is sent, so that the request's time limit does not run meanwhile.
    const { streamItems } = await import('./stream-items.ts')
    const reply = await this.host.request(call, requestOf(tool, call), { effect: tool.effect, streams: stream })
    return streamItems(call, stream, reply)
  }

  async #gatherItems(call: Call, tool: AnyTool, stream: StreamReading): Promise<unknown[]> {
    const each = await this.#openStream(call, tool, stream)
    const items: unknown[] = []
    try {
      for await (const item of each) items.push(item)
    } catch (error) {
      throw withPartial(asConnectorError(error, call), items)
    }
    return items
  }
}

const tooManySteps = ({ serverId, toolName }: Call): ConnectorError =>
  new ConnectorError(
    'API_INTERNAL_ERROR',
    `${serverId}.${toolName} makes more than ${MAX_STEPS} requests in one call.`,
    {
      hint: "Pass less in one call, or report it to the connector's author.",
    },
  )

/** Returns a key that is equal for requests of the same page. */
const pageKey = ({ path, query, body }: RequestSpec): string => JSON.stringify([path, query, body])

/** Adds the number of pages that were read before a later page failed, and how to keep them. */
const withPagesRead = (failure: ConnectorError, pages: number): ConnectorError =>
  failure.with({
    completedSteps: pages,
    hint: `${failure.advice} ${pages} pages were read before. Use pages() to process each page as it arrives.`,
  })

function requestOf(tool: AnyTool, call: Call): RequestSpec {
  if (tool.request === undefined) throw new TypeError('The tool has no request(), run() or perform().')
  try {
    // Safe: the input was parsed by the schema that `request` is typed with.
    return tool.request(call.input as never, { settings: call.settings } as never)
  } catch (error) {
    throw ConnectorError.is(error) ? error.with({ outcome: 'not_processed', ...error.details }) : error
  }
}

/** Adds the call's ids to errors that are thrown while its parts are iterated over, after the call itself returned. */
async function* labelErrors(call: Call, parts: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const { serverId, toolName, requestId } = call
  try {
    yield* parts
  } catch (error) {
    const failure = redactFailure(asConnectorError(error, call), call)
    throw (await explainFailure(failure, call)).with({ serverId, toolName, requestId })
  }
}
