import type { Sign } from '../ports/transport.ts'
import type { RequestSpec } from './request.ts'

/** A request to a service that does not speak HTTP: an MCP server, SMTP. */
export interface Exchange {
  readonly method: 'EXCHANGE'
  /** What it asks for, for logs and approval: `tools/call search`. */
  readonly path: string
  /** What an approver sees. */
  readonly summary?: unknown
  readonly cost?: number | undefined
  run(context: ExchangeContext): Promise<unknown>
}

export interface ExchangeContext {
  readonly signal: AbortSignal | undefined
  readonly requestId: string
  /** Starts the time limit anew, on each sign of progress; the call's own limit still holds. */
  extend(): void
  /** Attaches the connection's credential; undefined where there is none. */
  readonly sign: Sign | undefined
  /** Corrects whether the service may have seen the request; it is taken to have, from the start. */
  sent(seen: boolean): void
}

export const isExchange = (request: RequestSpec | Exchange): request is Exchange => request.method === 'EXCHANGE'
