import type { Clock, Store } from '@mcpclient/core'
import type { Elicitor } from './elicitation/question.ts'
import type { SizePolicy } from './results/size-policy.ts'
import type { DriftPolicy } from './tools/catalog.ts'
import type { ToolFilter, ToolRules } from './tools/tool-rules.ts'

/** The options of an MCP server, over HTTP or as a program. Durations are in milliseconds. */
export interface ServerOptions {
  /**
   * The type of the connector, in kebab-case.
   * @default 'mcp' or 'mcp-process'
   */
  readonly id?: string | undefined
  /** The server's name for users. */
  readonly name?: string | undefined
  readonly description?: string | undefined
  /**
   * The effects of the tools, by name: `{ search: 'read', 'delete_*': 'destroy' }`. They decide about retries, approval
   * and permissions. A tool without a rule is treated as a write, because the server's own hints are unverified.
   */
  readonly effects?: ToolRules | undefined
  /** The tools of the server to offer. The others are neither listed nor called. */
  readonly tools?: ToolFilter | undefined
  /**
   * The reaction if a tool's description, schemas or annotations differ from those that were first seen. `warn` logs it and
   * emits `drifted`. `block` also keeps the tool from being listed and called until `acceptTools`.
   * @default 'warn'
   */
  readonly onDrift?: DriftPolicy | undefined
  /**
   * Stores the first definition of each tool. With the memory store, a restart pins the definitions again.
   * @default memoryStore()
   */
  readonly pins?: Store | undefined
  readonly results?: ResultOptions | undefined
  /** Asks the user on the server's behalf. Without it, the capability is not announced to servers. */
  readonly elicit?: Elicitor | undefined
  /**
   * The sharing of a session if the app holds the credential, or there is none (`noAuth`). `shared`: all tenants. `tenant`:
   * each tenant has its own. What a server stores in a session (an open file, a cart, a log level) is visible to all
   * who share it. Where tenants connect their own accounts, each connection always has its own session.
   * @default 'shared'; 'tenant' with `elicit`, so that a question reaches the right user
   */
  readonly session?: 'shared' | 'tenant' | undefined
  /**
   * Time without use after which a session is closed. It is opened again when it is needed.
   * @default 300_000
   */
  readonly idleMs?: number | undefined
  /**
   * Time limit of one request, which each sign of progress restarts.
   * @default the `timeouts.requestMs` of the client
   */
  readonly timeoutMs?: number | undefined
  /**
   * Time limit of opening a connection.
   * @default 30_000 over HTTP; 60_000 for a program, which may have to be installed first
   */
  readonly connectTimeoutMs?: number | undefined
  /**
   * The largest message to accept. A larger one fails its request only.
   * @default 67_108_864
   */
  readonly maxMessageBytes?: number | undefined
  /** The name of this client for servers. */
  readonly client?: { readonly name: string; readonly version: string } | undefined
  /** For tests. */
  readonly clock?: Clock | undefined
  /**
   * Returns a number from 0 to below 1, for jitter.
   * @default Math.random
   */
  readonly random?: (() => number) | undefined
}

export interface ResultOptions extends Partial<SizePolicy> {
  /**
   * The reaction to structured output that does not match the tool's output schema, if the tools have been listed.
   * `refuse` fails the call, `warn` logs it, `ignore` does not validate.
   * @default 'refuse'
   */
  readonly validate?: 'refuse' | 'warn' | 'ignore' | undefined
}
