import type { Call, ClientHost, Effect, Exchange, ExchangeContext, Reply, ToolFacts } from '@mcpclient/core'
import type { ProtocolClient, RequestContext } from '../protocol/protocol-client.ts'
import type { Caller, ServerSession } from '../session/server-session.ts'
import type { SessionPool } from '../session/session-pool.ts'
import type { CatalogChange } from '../tools/catalog.ts'
import type { McpCallOptions } from './mcp-server-types.ts'

/** The time limit of a list that no caller waits for, all pages together. */
const LIST_MS = 6 * 60_000

const READ: ToolFacts = { effect: 'read' }

export type Send<Value> = (client: ProtocolClient, request: RequestContext) => Promise<Value>

/** Sends the requests of one view through core's pipeline and over the session of the view. */
export class ServerRequests {
  readonly #host: ClientHost
  readonly #pool: SessionPool

  constructor(host: ClientHost, pool: SessionPool) {
    this.#host = host
    this.#pool = pool
  }

  get session(): ServerSession {
    return this.#pool.of(this.#host, this.#refresh)
  }

  /** Reads something other than a tool. It passes permissions and emits events, as a tool call does. */
  read<Value>(name: string, input: unknown, options: McpCallOptions | undefined, send: Send<Value>): Promise<Value> {
    const caller: Caller = { onProgress: options?.onProgress }
    return this.run(name, input, options, (session, exchange) => session.use(exchange, caller, send))
  }

  /** Does the same for a request that uses the session itself. */
  run<Value>(
    name: string,
    input: unknown,
    options: McpCallOptions | undefined,
    use: (session: ServerSession, exchange: ExchangeContext) => Promise<Value>,
  ): Promise<Value> {
    const exchange: Exchange = {
      method: 'EXCHANGE',
      path: name,
      summary: input,
      run: (context) => use(this.session, context),
    }
    const perform = (call: Call) => this.request(call, exchange, 'read')
    return this.#host.run({ toolName: name, tool: READ, input, options: options ?? {}, perform }) as Promise<Value>
  }

  /** Sends a request for the client's own purposes. It passes the request stages only, because no tool is called. */
  async inquire<Value>(name: string, send: Send<Value>): Promise<Value> {
    const exchange: Exchange = {
      method: 'EXCHANGE',
      path: name,
      run: (context) => this.session.use(context, {}, send),
    }
    const { body } = await this.#explained(() => this.#host.inquire(name, exchange, LIST_MS))
    return body as Value
  }

  /** Passes one exchange through the request stages. */
  async request(call: Call, exchange: Exchange, effect: Effect): Promise<unknown> {
    return (await this.#explained(() => this.#host.request(call, exchange, { effect }))).body
  }

  async #explained(send: () => Promise<Reply>): Promise<Reply> {
    try {
      return await send()
    } catch (error) {
      throw await this.#pool.stepUp.explain(error, this.#host)
    }
  }

  /** Loads the session's list of tools. */
  listTools(session: ServerSession): Promise<CatalogChange> {
    return session.catalog.load(() => this.inquire('tools/list', (client, request) => client.listTools(request)))
  }

  readonly #refresh = async (session: ServerSession): Promise<void> => {
    const change = await this.listTools(session)
    const { added, removed, changed } = change
    if (added.length + removed.length + changed.length > 0) session.emitToolsChanged(change)
  }
}
