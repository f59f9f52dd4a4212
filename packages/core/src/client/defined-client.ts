import pLimit from 'p-limit'
import { ConnectorError, withPartial } from '../errors/connector-error.ts'
import type { ErrorDetails } from '../errors/connector-error.ts'
import { redactFailure } from '../pipeline/call.ts'
import type { Call, ToolFacts } from '../pipeline/call.ts'
import { ConnectorClient } from './connector-client.ts'
import type { ConnectorTypes, ToolDescription } from '../connector/connector.ts'
import { explainFailure } from '../pipeline/explain-failure.ts'
import { valueAt, withValueAt } from '../connector/reply.ts'
import type { Reply } from '../connector/reply.ts'
import type { RequestSpec } from '../connector/request.ts'
import { issuesOf } from '../connector/schema.ts'
import { describeIssues } from '../errors/connector-error.ts'
import type { Schema } from '../connector/schema.ts'
import { serverSentEvents } from '../connector/server-sent-events.ts'
import { drive } from '../connector/steps.ts'
import type { Step, Steps } from '../connector/steps.ts'
import type { SyncOptions, SyncResult } from '../connector/sync.ts'
import type { AnyTool } from '../connector/tool.ts'
import { runSync } from './run-sync.ts'

/** Pages that a call gathers unless the tool or the caller says otherwise. */
const MOST_PAGES = 25

/** Requests of one call of a multi-step tool. */
const MAX_STEPS = 10_000

/** The client of a connector that is data: turns each tool into its requests, and the answers into its output. */
export class DefinedClient<Types extends ConnectorTypes = ConnectorTypes> extends ConnectorClient<Types> {
  override async listTools(): Promise<readonly ToolDescription[]> {
    const { describeTool } = await import('../connector/describe.ts')
    return Object.entries(this.host.tools).map(([name, tool]) => describeTool(name, tool))
  }

  protected override toolFacts(tool: string): ToolFacts | undefined {
    return Object.hasOwn(this.host.tools, tool) ? this.host.tools[tool] : undefined
  }

  protected override perform(call: Call): Promise<unknown> {
    return this.#answer(call, this.#tool(call))
  }

  protected override async performInParts(call: Call): Promise<AsyncIterable<unknown>> {
    const tool = this.#tool(call)
    if (tool.pages) return named(call, this.#eachPage(call, tool))
    if (tool.stream) return named(call, this.#eachItem(call, tool, await this.#open(call, tool)))
    return super.performInParts(call)
  }

  protected override performSync(resource: string, options: SyncOptions): Promise<SyncResult> {
    return runSync(this.host, resource, options, (call) => this.perform(call))
  }

  #tool(call: Call): AnyTool {
    // `toolFacts` found it, or the call would not have started.
    return call.tool as AnyTool
  }

  #answer(call: Call, tool: AnyTool): Promise<unknown> {
    if (tool.run) return this.#drive(call, tool)
    if (tool.pages) return this.#gather(call, tool)
    if (tool.stream) return this.#collect(call, tool)
    let request: RequestSpec
    try {
      request = requestOf(tool, call)
    } catch (error) {
      return Promise.reject(authorFault(error, call))
    }
    return this.host
      .request(call, request, { effect: tool.effect })
      .then((reply) => this.#accept(tool.output, reply.body, call))
  }

  async #drive(call: Call, tool: AnyTool): Promise<unknown> {
    let completedSteps = 0
    let begunSteps = 0
    const perform = async (step: Step) => {
      const reads = step.request.method === 'GET' || step.request.method === 'HEAD'
      const effect = step.effect ?? (reads ? 'read' : tool.effect)
      const reply = await this.host.request(call, step.request, { effect })
      const answer = this.#accept(step.schema, reply.body, call)
      completedSteps++
      return answer
    }
    try {
      // The input was parsed by the very schema that `run` is typed with.
      const run = tool.run?.(call.input as never, { settings: call.settings } as never)
      if (run === undefined) throw new TypeError('The tool has no run().')
      const answer = await drive(run, async (step) => {
        begunSteps += 'all' in step ? Math.max(1, step.all.length) : 1
        try {
          if (begunSteps > MAX_STEPS) throw tooManySteps(call)
          return await ('all' in step ? performAll(step, perform, () => this.host.isOver(call)) : perform(step))
        } catch (error) {
          // A tool that catches failures must not continue a call that is over.
          if (begunSteps > MAX_STEPS || this.host.isOver(call)) run.return(undefined)
          throw error
        }
      })
      return this.#accept(tool.output, answer, call)
    } catch (error) {
      const failure = authorFault(error, call)
      throw completedSteps === 0 ? failure : failure.with({ completedSteps })
    }
  }

  async #gather(call: Call, tool: AnyTool): Promise<unknown> {
    const path = tool.pages?.items ?? ''
    const most = call.options.maxPages ?? tool.pages?.max ?? MOST_PAGES
    const items: unknown[] = []
    let first: unknown
    let pages = 0
    let complete = false
    try {
      for await (const { reply, last } of this.#replies(call, tool)) {
        first ??= reply.body
        const found = valueAt(reply.body, path)
        // One by one: a spread of a provider's array overflows the stack.
        if (Array.isArray(found)) for (const item of found as unknown[]) items.push(item)
        // A page without the list: only the schema knows whether the provider may leave it out, or failed to answer.
        else this.#accept(tool.output, reply.body, call)
        complete = last
        if (++pages >= most) break
      }
    } catch (error) {
      throw pages === 0 ? error : withPartial(lostPage(authorFault(error, call), pages), items)
    }
    const answer = this.#accept(tool.output, withValueAt(first, path, items), call)
    // Where the answer is the list itself it gets a name, so that there is a place for `complete`.
    return Array.isArray(answer) ? { items: answer as unknown[], complete } : { ...(answer as object), complete }
  }

  async *#eachPage(call: Call, tool: AnyTool): AsyncGenerator<unknown> {
    for await (const { reply } of this.#replies(call, tool)) yield this.#accept(tool.output, reply.body, call)
  }

  async *#replies(call: Call, tool: AnyTool): AsyncGenerator<{ reply: Reply; last: boolean }> {
    const seen = new Set<string>()
    let request = requestOf(tool, call)
    for (;;) {
      seen.add(placeOf(request))
      const reply: Reply = await this.host.request(call, request, { effect: tool.effect })
      const next = tool.pages?.next(reply, request)
      yield { reply, last: next === undefined }
      if (next === undefined) return
      if (seen.has(placeOf(next))) {
        const { serverId, toolName, requestId } = call
        const fields = { event: 'list.ended_early', serverId, toolName, requestId, pages: seen.size }
        this.host.logger.warn(fields, 'A list was ended, because a page leads back to an earlier one.')
        return
      }
      request = next
    }
  }

  async #open(call: Call, tool: AnyTool): Promise<Reply> {
    return this.host.request(call, requestOf(tool, call), { effect: tool.effect, streams: tool.stream })
  }

  async *#eachItem(call: Call, tool: AnyTool, reply: Reply): AsyncGenerator<unknown> {
    const { stream } = tool
    if (stream === undefined) return
    // Without content (204) there is no body.
    const body = reply.body instanceof ReadableStream ? (reply.body as ReadableStream<Uint8Array>) : emptyStream()
    for await (const event of unbroken(serverSentEvents(body, stream.maxEventLength), call)) {
      let item: unknown
      try {
        if (stream.end?.(event)) return
        item = stream.item(event)
      } catch (error) {
        throw new ConnectorError(
          'DATA_TRANSFORMATION_ERROR',
          `${call.serverId} sent an event that ${call.toolName} cannot read.`,
          unknownOutcome(call),
          { cause: error },
        )
      }
      if (item !== undefined) yield this.#accept(tool.output, item, call)
    }
    if (stream.end === undefined) return
    throw new ConnectorError('MCP_CONNECTION_ERROR', `${call.serverId} closed its stream before the end.`, {
      reason: 'stream_unfinished',
      ...(call.tool.effect === 'read' && { hint: 'Try again, or use the items that arrived as a part.' }),
      ...unknownOutcome(call),
    })
  }

  async #collect(call: Call, tool: AnyTool): Promise<unknown[]> {
    const reply = await this.#open(call, tool)
    const items: unknown[] = []
    try {
      for await (const item of this.#eachItem(call, tool, reply)) items.push(item)
    } catch (error) {
      throw withPartial(authorFault(error, call), items)
    }
    return items
  }

  /** A provider's answer, as far as the schema knows it. */
  #accept(schema: Schema | undefined, value: unknown, call: Call): unknown {
    if (schema === undefined) return value
    const parsed = parsedBy(schema, value, call)
    if (parsed.success) return parsed.data
    const issues = issuesOf(parsed.error)
    throw new ConnectorError(
      'DATA_TRANSFORMATION_ERROR',
      `The response to ${call.toolName} does not match the schema of ${call.serverId}: ${describeIssues(issues)}`,
      { issues, ...unknownOutcome(call) },
    )
  }
}

/** After a response arrived, a write may have happened. */
const unknownOutcome = ({ tool }: Call): ErrorDetails =>
  tool.effect === 'read' ? {} : { outcome: 'unknown', ...(tool.reconcile !== undefined && { hint: tool.reconcile }) }

/** A schema that refers to itself runs out of stack on a response with thousands of levels. */
function parsedBy(schema: Schema, value: unknown, call: Call): ReturnType<Schema['safeParse']> {
  try {
    return schema.safeParse(value)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ConnectorError(
      'DATA_TRANSFORMATION_ERROR',
      `The response of ${call.serverId} to ${call.toolName} is nested too deeply.`,
      unknownOutcome(call),
      { cause: error },
    )
  }
}

/** Performs independent steps. Without `settle`, those that wait are not sent after one has failed. */
async function performAll(
  { all, concurrency, settle }: Steps,
  perform: (step: Step) => Promise<unknown>,
  isOver: () => boolean,
): Promise<unknown[]> {
  const limit = pLimit(concurrency)
  const settled = async (step: Step) => {
    try {
      return { value: await perform(step) }
    } catch (error) {
      if (isOver() || !ConnectorError.is(error)) throw error
      return { error }
    }
  }
  try {
    return await limit.map(all, settle === true ? settled : perform)
  } catch (error) {
    limit.clearQueue()
    throw error
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

const placeOf = ({ path, query, body }: RequestSpec): string => JSON.stringify([path, query, body])

/** A later page failed: the error says what was read before, and how to keep it the next time. */
const lostPage = (failure: ConnectorError, pages: number): ConnectorError =>
  failure.with({
    completedSteps: pages,
    hint: `${failure.advice} ${pages} pages were read before; pages() returns each page as it arrives.`,
  })

function requestOf(tool: AnyTool, call: Call): RequestSpec {
  if (tool.request === undefined) throw new TypeError('The tool has neither request() nor run().')
  // The input was parsed by the very schema that `request` is typed with: the one cast of the runtime.
  return tool.request(call.input as never, { settings: call.settings } as never)
}

/** What an author's own function threw: its own refusals pass, anything else is a fault of the connector. */
const authorFault = (error: unknown, call: Call): ConnectorError =>
  ConnectorError.is(error)
    ? error
    : new ConnectorError(
        'API_INTERNAL_ERROR',
        `The connector of ${call.serverId} failed inside ${call.toolName}.`,
        {
          hint: 'Report it to the author of the connector.',
        },
        { cause: error },
      )

const emptyStream = () =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.close()
    },
  })

/** A stream that ends before its time fails as what it is: the provider, or the reason that it was ended for. */
async function* unbroken<Item>(items: AsyncIterable<Item>, call: Call): AsyncGenerator<Item> {
  try {
    yield* items
  } catch (error) {
    if (ConnectorError.is(error)) throw call.tool.effect === 'read' ? error : error.with(unknownOutcome(call))
    throw new ConnectorError('MCP_CONNECTION_ERROR', `${call.serverId} broke off its stream.`, unknownOutcome(call), {
      cause: error,
    })
  }
}

/** Parts are taken after their call has begun well, so a later failure has to say by itself what it happened to. */
async function* named(call: Call, parts: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const { serverId, toolName, requestId } = call
  try {
    yield* parts
  } catch (error) {
    const failure = redactFailure(authorFault(error, call), call)
    throw (await explainFailure(failure, call)).with({ serverId, toolName, requestId })
  }
}
