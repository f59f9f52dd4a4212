import type { ErrorCode } from '../errors/codes.ts'
import type { LimitScope } from './limit.ts'
import { valueAt } from './reply.ts'
import type { Reply } from './reply.ts'

/** What a failure means. What is left out follows from the HTTP status and the response. */
export interface Failure {
  /** @default by HTTP status */
  readonly code?: ErrorCode | undefined
  /** One sentence in place of the default one. Never put a header or a whole body in it. */
  readonly message?: string | undefined
  /** What to do about it, as an imperative. */
  readonly hint?: string | undefined
  readonly providerCode?: string | undefined
  /** The provider's own sentence. @default found in the body */
  readonly providerMessage?: string | undefined
  /** Milliseconds to wait. @default what the headers say */
  readonly retryAfterMs?: number | undefined
  /** The provider documents that it did not process such a request, so even a write may be sent again. */
  readonly notProcessed?: boolean | undefined
  /** What has to wait after a rate limit. @default the narrowest scope of the limits that the tool falls under */
  readonly blocks?: LimitScope | undefined
}

/** What one error code of the provider means, or one HTTP status. */
export interface ErrorRow extends Pick<Failure, 'code' | 'hint' | 'retryAfterMs' | 'notProcessed' | 'blocks'> {
  /** Why a grant ended, in one snake_case word such as `revoked_by_user`. @default the provider's code */
  readonly reason?: string | undefined
}

/** Where a provider's refusals say what went wrong. Paths are like `error.code` or `errors.0.reason`. */
export interface ErrorPlaces {
  /** The provider's code. Of several paths, the first whose code has a row counts. @default found in the body */
  readonly code?: string | readonly string[] | undefined
  /** The provider's own sentence. @default found in the body */
  readonly message?: string | undefined
  /** Returns whether a body is a refusal although its status says success. Pure. */
  readonly refused?: ((body: unknown) => boolean) | undefined
}

/** The errors of a provider, as data: what tools and the token endpoint read alike. */
export interface ErrorTable extends ErrorPlaces {
  readonly rows: Readonly<Record<string, ErrorRow | ((body: unknown) => ErrorRow)>>
}

/**
 * Describes a provider's errors. A code without a row keeps the meaning of its HTTP status, so list only what the status
 * does not say.
 * @param places where a response has the provider's code and message
 * @param rows what a code means, by the provider's spelling, or by HTTP status. A function reads more of the body.
 * @example
 * const errors = errorTable({ code: 'error.code' }, { KEY_INVALID: { code: 'MCP_AUTHENTICATION_FAILURE' } })
 */
export const errorTable = (places: ErrorPlaces, rows: ErrorTable['rows']): ErrorTable => ({ ...places, rows })

/** Returns the failure that a response means, or undefined if the table says nothing about it. */
export function failureOf(table: ErrorTable, { status, body }: Reply): Failure | undefined {
  if (status < 400 && table.refused?.(body) !== true) return undefined
  const found = codesAt(table, body)
  const providerCode = found.find((code) => hasRow(table, code)) ?? found[0]
  const row = rowOf(table, providerCode, body) ?? rowOf(table, String(status), body)
  const message = table.message === undefined ? undefined : valueAt(body, table.message)
  const { reason: _reason, ...meaning } = row ?? {}
  return { ...meaning, providerCode, providerMessage: typeof message === 'string' ? message : undefined }
}

/** Returns what a code means, or undefined if the table has no row for it. */
export function rowOf(table: ErrorTable, code: string | undefined, body: unknown): ErrorRow | undefined {
  if (code === undefined || !hasRow(table, code)) return undefined
  const row = table.rows[code]
  return typeof row === 'function' ? row(body) : row
}

export const hasRow = (table: ErrorTable, code: string | undefined): boolean =>
  code !== undefined && Object.hasOwn(table.rows, code)

/** Returns the codes in a body: words or numbers. A proxy may put anything there. */
export const codesAt = ({ code: places = [] }: ErrorTable, body: unknown): readonly string[] =>
  [places]
    .flat()
    .map((place) => valueAt(body, place))
    .map((value) => (typeof value === 'number' ? String(value) : value))
    .filter((value): value is string => typeof value === 'string' && /^[\w.:/-]{1,80}$/.test(value))
