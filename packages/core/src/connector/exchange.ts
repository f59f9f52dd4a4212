import type { Sign } from '../ports/transport.ts'
import type { RequestSpec } from './request.ts'

/** A request to a service that does not use HTTP, such as an MCP server or SMTP. */
export interface Exchange {
  readonly method: 'EXCHANGE'
  /** The name of the request in logs and approvals: `tools/call search`. */
  readonly path: string
  /** The content of the request, as an approver sees it. */
  readonly summary?: unknown
  readonly cost?: RequestSpec['cost']
  run(context: ExchangeContext): Promise<unknown>
}

export interface ExchangeContext {
  readonly signal: AbortSignal | undefined
  readonly requestId: string
  /** Restarts the time limit of the request. Call it on each sign of progress. The call's own limit stays in force. */
  extend(): void
  /** Attaches the connection's credential. Undefined if there is none. */
  readonly sign: Sign | undefined
  /** Sets whether the service may have received the request. @default true from the start */
  sent(seen: boolean): void
}

export const isExchange = (request: RequestSpec | Exchange): request is Exchange => request.method === 'EXCHANGE'
