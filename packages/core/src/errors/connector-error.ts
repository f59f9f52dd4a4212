import { codes } from './codes.ts'
import type { ErrorCode, ErrorType } from './codes.ts'

/** The outcome of a write that failed. */
export type Outcome =
  /** Nothing happened: the request was never sent, or the provider did not process it. */
  | 'not_processed'
  /** The write may have happened. Check before sending it again. */
  | 'unknown'

export interface Issue {
  /** The path in the input or response, such as `items.0.name`. Empty for the whole value. */
  readonly path: string
  readonly message: string
}

/** Formats issues as a part of a sentence: `channel: Required; text: Too short`. */
export const describeIssues = (issues: readonly Issue[]): string =>
  issues
    .slice(0, 3)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ')

/** The details of a failure, safe to show: they never contain a header, a body or a credential. */
export interface ErrorDetails {
  readonly serverId?: string | undefined
  readonly toolName?: string | undefined
  readonly requestId?: string | undefined
  /** HTTP status of the provider's response. */
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
  /** Milliseconds until a retry can succeed. */
  readonly retryAfterMs?: number | undefined
  readonly outcome?: Outcome | undefined
  /** Number of attempts of the request that failed, including retries. */
  readonly attempts?: number | undefined
  /** Number of steps of a multi-step tool, or pages of a list, that succeeded before the failure. */
  readonly completedSteps?: number | undefined
  /** Number of items that arrived before the failure. `partialOf(error)` returns them. */
  readonly received?: number | undefined
  readonly issues?: readonly Issue[] | undefined
  /** Advice that replaces the advice of the code. */
  readonly hint?: string | undefined
  /**
   * The reason in one word, for programs: for example `needs_scope`, `grant_lost` or `state_replayed` of an authorization,
   * `certificate`, `refused` or `name_not_found` of a request that was never sent.
   */
  readonly reason?: string | undefined
  /** The missing scopes. */
  readonly scopes?: readonly string[] | undefined
  /** The URL at which the user can grant what is missing. */
  readonly authorizeUrl?: string | undefined
  /** Valid names, if the caller passed an unknown one. */
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
 * The error class of the project. `code` is a row of the table of {@link codes}.
 *
 * Check for it with {@link ConnectorError.is}, which works across two copies of this package.
 */
export class ConnectorError extends Error {
  declare readonly name: 'ConnectorError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  /**
   * @param code a code of the table
   * @param message one sentence for a reader, without secrets
   * @param details details that are safe to show
   * @param options `cause` stays in the process: it is never serialized, and `console.log` does not show it
   */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { readonly cause?: unknown }) {
    super(message)
    // A connector written in JavaScript can pass any code.
    this.code = Object.hasOwn(codes, code) ? code : 'API_INTERNAL_ERROR'
    this.details = details
    // A cause can contain a request with its headers, and Node's inspect prints even a `cause` that is not enumerable.
    if (options?.cause !== undefined) causes.set(this, options.cause)
  }

  get type(): ErrorType {
    return codes[this.code].type
  }

  /** True if a later call can succeed and is safe. False if a write may already have happened. */
  get retryable(): boolean {
    const { outcome, reason } = this.details
    return codes[this.code].retryable && outcome !== 'unknown' && !isLasting(reason)
  }

  /** The HTTP status for a handler's response. */
  get status(): number {
    return codes[this.code].status
  }

  /** The advice for the reader: the hint of this error, else the advice for its outcome, else the advice for its code. */
  get advice(): string {
    const { hint, outcome } = this.details
    if (hint !== undefined) return hint
    if (outcome === 'unknown') return codes.OUTCOME_UNKNOWN.advice
    const row = codes[this.code]
    return 'given' in row && this.details[row.given.detail] !== undefined ? row.given.advice : row.advice
  }

  /** Returns the same failure with more details. */
  with(details: ErrorDetails): ConnectorError {
    const error = new ConnectorError(this.code, this.message, { ...this.details, ...details }, { cause: causeOf(this) })
    carryPartial(this, error)
    if (this.stack !== undefined) error.stack = this.stack
    return error
  }

  /** Returns the serialized error, without its cause and its stack. */
  toJSON(): ConnectorErrorJson {
    const { code, type, message, advice, retryable, details } = this
    return { code, type, message, advice, retryable, details }
  }

  /**
   * Converts any thrown value to a `ConnectorError`. Any other error may contain secrets, so it becomes the cause.
   * @param doing the operation that failed, such as `Connecting slack`
   */
  static from(error: unknown, doing: string): ConnectorError {
    if (ConnectorError.is(error)) return error
    return new ConnectorError(
      'API_INTERNAL_ERROR',
      `${doing} failed inside this library or its store.`,
      { hint: 'Read the cause of this error with causeOf(); it may contain secrets.' },
      { cause: error },
    )
  }

  /** Returns whether a value is a `ConnectorError`. Works across two copies of this package, unlike `instanceof`. */
  static is(value: unknown): value is ConnectorError {
    try {
      return typeof value === 'object' && value !== null && brand in value
    } catch {
      // A revoked proxy throws.
      return false
    }
  }
}

/** Returns whether a connection failure lasts until the host changes the server or this process. */
export const isLasting = (reason: string | undefined): boolean => reason === 'certificate' || reason === 'tls'

// On the prototype, because they are the same for all instances. A stack starts with the name at its capture.
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

/** Returns the cause of a `ConnectorError`, for debugging inside the process. It may contain secrets: do not log it. */
export const causeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? causes.get(error) : undefined

const partials = new WeakMap<object, readonly unknown[]>()

/**
 * Returns the items that a call received before it failed, such as those of an interrupted stream. They are the provider's
 * data, so they are never serialized or logged.
 */
export const partialOf = (error: unknown): readonly unknown[] | undefined =>
  typeof error === 'object' && error !== null ? partials.get(error) : undefined

/** Copies the received items from an error to the error that replaces it. */
export function carryPartial(from: ConnectorError, to: ConnectorError): ConnectorError {
  const partial = partials.get(from)
  if (partial !== undefined) partials.set(to, partial)
  return to
}

/** Returns the same failure with the items that arrived before it. */
export function withPartial(error: ConnectorError, items: readonly unknown[]): ConnectorError {
  if (items.length === 0) return error
  const failure = error.with({ received: items.length })
  partials.set(failure, items)
  return failure
}

/**
 * Adds details to an error in place, because creating another one with another stack is expensive. Use it only for an error
 * that the runtime created for this call; for any other error, use `with`.
 */
export function annotate(error: ConnectorError, details: ErrorDetails): ConnectorError {
  const open: { details: ErrorDetails } = error
  open.details = { ...error.details, ...details }
  return error
}
