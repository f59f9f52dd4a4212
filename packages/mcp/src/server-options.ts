import type { Clock, Store } from '@mcpclient/core'
import type { Elicitor } from './elicitation/question.ts'
import type { SizePolicy } from './results/size-policy.ts'
import type { DriftPolicy } from './tools/catalog.ts'
import type { ToolRules } from './tools/effects.ts'
import type { ToolFilter } from './tools/tool-filter.ts'

/** What a host decides for an MCP server, however it is reached. Durations are milliseconds. */
export interface ServerOptions {
  /** The type of the connector, kebab-case; `mcp` or `mcp-process` unless given. */
  readonly id?: string | undefined
  /** What a person calls the server. */
  readonly name?: string | undefined
  readonly description?: string | undefined
  /**
   * What the tools do, by name: `{ search: 'read', 'delete_*': 'destroy' }`. Retries, approval and permissions go by it.
   * Whatever is not named is taken to write, for the server's own word on it is a hint that nobody vouches for.
   */
  readonly effects?: ToolRules | undefined
  /** Which of the server's tools are offered at all; the others are neither listed nor called. */
  readonly tools?: ToolFilter | undefined
  /**
   * What to do when a tool's description, schemas or annotations are not those that were first seen: `warn` (the
   * default) logs it and emits `drifted`; `block` also keeps the tool from being listed and called until `acceptTools`.
   */
  readonly onDrift?: DriftPolicy | undefined
  /** Where the first sight of each tool is kept; memory unless given, so that it is first seen anew after a restart. */
  readonly pins?: Store | undefined
  readonly results?: ResultOptions | undefined
  /** Asks a person on the server's behalf. Without it, servers are told that nobody can be asked. */
  readonly elicit?: Elicitor | undefined
  /**
   * Who shares a session where the app holds the credential, or there is none (`noAuth`): `shared`, all tenants;
   * `tenant`, each has one. A server that remembers things in its session (an open file, a cart, a log level) shows them to everybody
   * who shares it. `shared` unless given; with `elicit`, `tenant`, so that a question reaches the right one.
   * Where tenants may connect accounts of their own, each connection always has a session of its own.
   */
  readonly session?: 'shared' | 'tenant' | undefined
  /** A session that nobody used for so long is closed, and opened again when it is needed; 5 minutes unless given. */
  readonly idleMs?: number | undefined
  /** For one request, from its last sign of progress on; what the client allows for all connectors unless given. */
  readonly timeoutMs?: number | undefined
  /** For making a connection; 30 seconds over HTTP and 60 for a process, which may have to be installed first. */
  readonly connectTimeoutMs?: number | undefined
  /** Bytes of one message that are taken in at most; a longer one fails its request, and only that. 64 MiB unless given. */
  readonly maxMessageBytes?: number | undefined
  /** What this client calls itself to servers. */
  readonly client?: { readonly name: string; readonly version: string } | undefined
  /** For tests. */
  readonly clock?: Clock | undefined
  /** Numbers from 0 to below 1, for jitter; `Math.random` unless given. */
  readonly random?: (() => number) | undefined
}

export interface ResultOptions extends Partial<SizePolicy> {
  /**
   * What to do with structured output that does not fit the tool's own output schema, as far as the tools have been
   * listed: `refuse` (the default) fails the call, `warn` logs it, `ignore` does not look.
   */
  readonly validate?: 'refuse' | 'warn' | 'ignore' | undefined
}
