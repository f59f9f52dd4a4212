import { codes } from './codes.ts'
import type { ErrorCode, ErrorType } from './codes.ts'

/** What became of a write that failed. */
export type Outcome =
  /** Provably nothing happened: it was never sent, or the provider says that it was not processed. */
  | 'not_processed'
  /** It may have happened. Look before sending it again. */
  | 'unknown'

export interface Issue {
  /** Where in the input or answer, as `items.0.name`; empty for the whole value. */
  readonly path: string
  readonly message: string
}

/** Returns issues as a part of a sentence: `channel: Required; text: Too short`. */
export const describeIssues = (issues: readonly Issue[]): string =>
  issues
    .slice(0, 3)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ')

/** Facts about a failure that may be shown to anyone: no header, no body, no credential ever goes in here. */
export interface ErrorDetails {
  readonly serverId?: string | undefined
  readonly toolName?: string | undefined
  readonly requestId?: string | undefined
  /** HTTP status of the provider's answer. */
  readonly status?: number | undefined
  /** Method of the request that failed. */
  readonly method?: string | undefined
  /** Path of the request that failed, without its query. */
  readonly path?: string | undefined
  /** The provider's own code, such as `channel_not_found`. */
  readonly providerCode?: string | undefined
  /** The provider's own message: bounded, redacted, and without control or invisible characters. */
  readonly providerMessage?: string | undefined
  /** Structured data that the provider returned with the failure, redacted and bounded. */
  readonly providerData?: unknown
  /** Milliseconds until trying again can help. */
  readonly retryAfterMs?: number | undefined
  readonly outcome?: Outcome | undefined
  /** Requests that went out for the failing step, counting retries. */
  readonly attempts?: number | undefined
  /** Steps of a multi-step tool, or pages of a list, that succeeded before this failure. */
  readonly completedSteps?: number | undefined
  /** Items that had arrived before a stream broke off; `partialOf(error)` returns them. */
  readonly received?: number | undefined
  readonly issues?: readonly Issue[] | undefined
  /** What to do, where more can be said than the table says. */
  readonly hint?: string | undefined
  /**
   * Why, in one word that a program can read: `needs_scope`, `grant_lost`, `state_replayed` of an authorization;
   * `certificate`, `refused`, `name_not_found` of a request that was never sent.
   */
  readonly reason?: string | undefined
  /** Scopes that are missing. */
  readonly scopes?: readonly string[] | undefined
  /** Where a person can agree to what is missing. */
  readonly authorizeUrl?: string | undefined
  /** Names to choose from, where the caller has to name one. */
  readonly choices?: readonly string[] | undefined
}

export interface ConnectorErrorJson {
  readonly code: ErrorCode
  readonly type: ErrorType
  readonly message: string
  readonly advice: string
  readonly retryable: boolean
  readonly details: ErrorDetails
}

const brand = Symbol.for('@mcpclient/error')

/**
 * The one error class of the project. `code` says which row of the table of {@link codes} applies.
 *
 * Recognise it with {@link ConnectorError.is}, which holds across two copies of this package.
 */
export class ConnectorError extends Error {
  declare readonly name: 'ConnectorError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  /**
   * @param code one of the table of codes
   * @param message one sentence for a person, without secrets
   * @param details facts that may be shown to anyone
   * @param options `cause` stays in the process: it is never serialised, and not shown by `console.log`
   */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { readonly cause?: unknown }) {
    super(message)
    // A connector written in JavaScript can pass any code.
    this.code = Object.hasOwn(codes, code) ? code : 'API_INTERNAL_ERROR'
    this.details = details
    // A cause can hold a request with its headers. Not enumerable is not enough: Node's inspect prints `cause` anyway.
    if (options?.cause !== undefined) causes.set(this, options.cause)
  }

  get type(): ErrorType {
    return codes[this.code].type
  }

  /** Whether calling again later can succeed and is safe: false if a write may have happened already. */
  get retryable(): boolean {
    const { outcome, reason } = this.details
    return codes[this.code].retryable && outcome !== 'unknown' && !isLasting(reason)
  }

  /** The HTTP status for a handler's response. */
  get status(): number {
    return codes[this.code].status
  }

  /** What the reader can do: the hint of this error, else the advice for its outcome, else the advice for its code. */
  get advice(): string {
    const { hint, outcome } = this.details
    if (hint !== undefined) return hint
    if (outcome === 'unknown') return codes.OUTCOME_UNKNOWN.advice
    const row = codes[this.code]
    return 'given' in row && this.details[row.given.detail] !== undefined ? row.given.advice : row.advice
  }

  /** The same failure with more facts. */
  with(details: ErrorDetails): ConnectorError {
    const error = new ConnectorError(this.code, this.message, { ...this.details, ...details }, { cause: causeOf(this) })
    carryPartial(this, error)
    if (this.stack !== undefined) error.stack = this.stack
    return error
  }

  /** What crosses the wire: never the cause, never the stack. */
  toJSON(): ConnectorErrorJson {
    const { code, type, message, advice, retryable, details } = this
    return { code, type, message, advice, retryable, details }
  }

  /**
   * Returns any thrown value as a `ConnectorError`. An error that is not one, such as one of the store, may hold secrets:
   * it becomes the cause of one that holds none.
   * @param doing the operation that failed: `Connecting slack`
   */
  static from(error: unknown, doing: string): ConnectorError {
    if (ConnectorError.is(error)) return error
    return new ConnectorError(
      'API_INTERNAL_ERROR',
      `${doing} failed inside this library or its store.`,
      { hint: 'Look at the cause of this error with causeOf(); it may hold secrets.' },
      { cause: error },
    )
  }

  /** Holds across two copies of this package, where `instanceof` does not. */
  static is(value: unknown): value is ConnectorError {
    try {
      return typeof value === 'object' && value !== null && brand in value
    } catch {
      // A revoked proxy.
      return false
    }
  }
}

/** Returns whether a connection failure stays until the host changes the server or this process. */
export const isLasting = (reason: string | undefined): boolean => reason === 'certificate' || reason === 'tls'

// On the prototype, because they are the same for all. A stack begins with the name at the time of its capture.
Object.defineProperties(ConnectorError.prototype, {
  [brand]: { value: true },
  name: { value: 'ConnectorError', configurable: true, writable: true },
  [Symbol.for('nodejs.util.inspect.custom')]: { value: inspectError },
})
// Bundlers rename a class that refers to itself.
Object.defineProperty(ConnectorError, 'name', { value: 'ConnectorError' })

/** Prints an error in Node's console with its code and all of its details. */
function inspectError(
  this: ConnectorError,
  depth: number,
  options: { readonly depth?: number | null },
  inspect?: (value: unknown, options: object) => string,
): string {
  const { authorizeUrl, ...details } = this.details
  // The state in the URL is for the user alone.
  const shown = { code: this.code, ...details, ...(authorizeUrl !== undefined && { authorizeUrl: '[hidden]' }) }
  const text = depth < 0 ? `[ConnectorError: ${this.message}]` : (this.stack ?? `ConnectorError: ${this.message}`)
  return `${text} ${inspect?.(shown, { ...options, depth: Math.max(3, options.depth ?? 3) }) ?? JSON.stringify(shown)}`
}

const causes = new WeakMap<object, unknown>()

/** The failure underneath, for debugging inside the process. It may hold secrets: do not log it. */
export const causeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? causes.get(error) : undefined

const partials = new WeakMap<object, readonly unknown[]>()

/**
 * Returns what a call had received before it failed: the items of a stream that broke off. It is the provider's data, so
 * it is never serialised or logged.
 */
export const partialOf = (error: unknown): readonly unknown[] | undefined =>
  typeof error === 'object' && error !== null ? partials.get(error) : undefined

/** Gives `to` what had been received before `from`, which it replaces. */
export function carryPartial(from: ConnectorError, to: ConnectorError): ConnectorError {
  const partial = partials.get(from)
  if (partial !== undefined) partials.set(to, partial)
  return to
}

/** The same failure with what had arrived before it; nothing is added if nothing had. */
export function withPartial(error: ConnectorError, items: readonly unknown[]): ConnectorError {
  if (items.length === 0) return error
  const failure = error.with({ received: items.length })
  partials.set(failure, items)
  return failure
}

/**
 * Adds facts to an error on its way up, in place: the runtime made it for this very call, and making another one, with
 * another stack, would cost more than everything else about a refusal. For an error that others hold too, use `with`.
 */
export function annotate(error: ConnectorError, details: ErrorDetails): ConnectorError {
  const open: { details: ErrorDetails } = error
  open.details = { ...error.details, ...details }
  return error
}
