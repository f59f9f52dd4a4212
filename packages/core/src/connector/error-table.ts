import type { ErrorCode } from '../errors/codes.ts'
import type { LimitScope } from './limit.ts'
import { valueAt } from './reply.ts'
import type { Reply } from './reply.ts'

/** The meaning of a failure. Fields that are absent are derived from the HTTP status and the response. */
export interface Failure {
  /** @default by HTTP status */
  readonly code?: ErrorCode | undefined
  /** A sentence that replaces the default message. Never include a header or a whole body. */
  readonly message?: string | undefined
  /** The advice, as an imperative sentence. */
  readonly hint?: string | undefined
  readonly providerCode?: string | undefined
  /** The provider's own message. @default found in the body */
  readonly providerMessage?: string | undefined
  /** Milliseconds to wait before a retry. @default the wait in the headers */
  readonly retryAfterMs?: number | undefined
  /** True if the provider documents that it did not process such a request. Even a write may then be retried. */
  readonly notProcessed?: boolean | undefined
  /** The scope that has to wait after a rate limit. @default the narrowest scope of the tool's limits */
  readonly blocks?: LimitScope | undefined
}

/** The meaning of one error code of the provider, or of one HTTP status. */
export interface ErrorRow extends Pick<
  Failure,
  'code' | 'hint' | 'providerCode' | 'retryAfterMs' | 'notProcessed' | 'blocks'
> {
  /** The reason of a revoked grant in snake_case, such as `revoked_by_user`. @default the provider's code */
  readonly reason?: string | undefined
}

/** The paths of the code and the message in an error response, such as `error.code` or `errors.0.reason`. */
export interface ErrorPlaces {
  /** The path of the provider's code. With several paths, the first whose code has a row is used. @default found in the body */
  readonly code?: string | readonly string[] | undefined
  /** The path of the provider's own message, or a pure function of the body. @default found in the body */
  readonly message?: string | ((body: unknown) => string | undefined) | undefined
  /** Returns whether a body, or an item of a stream, is an error although its HTTP status is a success. Pure. */
  readonly refused?: ((body: unknown) => boolean) | undefined
}

/** The errors of a provider, as data. Tools and the token endpoint use the same table. */
export interface ErrorTable extends ErrorPlaces {
  readonly rows: Readonly<Record<string, ErrorRow | ((body: unknown, reply: Reply) => ErrorRow)>>
}

/**
 * Describes a provider's errors. A code without a row keeps the meaning of its HTTP status, so list only codes with another
 * meaning.
 * @param places the paths of the provider's code and message in a response
 * @param rows the meaning of each code, by the provider's spelling or by HTTP status. A key may list several codes, separated
 *   by spaces. A function can read the body, and the headers of the whole response.
 * @example
 * const errors = errorTable({ code: 'error.code' }, { 'KEY_INVALID KEY_REVOKED': { code: 'MCP_AUTHENTICATION_FAILURE' } })
 */
export const errorTable = (places: ErrorPlaces, rows: ErrorTable['rows']): ErrorTable => ({
  ...places,
  rows: Object.fromEntries(
    Object.entries(rows).flatMap(([codes, row]) => codes.split(' ').map((code) => [code, row] as const)),
  ),
})

/** Returns the failure of a response, or undefined if the response is a success. */
export function failureOf(table: ErrorTable, reply: Reply): Failure | undefined {
  const { status, body } = reply
  if (status < 400 && table.refused?.(body) !== true) return undefined
  const found = codesAt(table, body)
  const providerCode = found.find((code) => hasRow(table, code)) ?? found[0]
  const row = rowOf(table, providerCode, reply) ?? rowOf(table, String(status), reply)
  const { reason: _reason, ...meaning } = row ?? {}
  return { providerCode, providerMessage: messageAt(table, body), ...meaning }
}

/** Returns the row of a code, or undefined if there is none. */
export function rowOf(table: ErrorTable, code: string | undefined, reply: Reply): ErrorRow | undefined {
  if (code === undefined || !hasRow(table, code)) return undefined
  const row = table.rows[code]
  return typeof row === 'function' ? row(reply.body, reply) : row
}

export const hasRow = (table: ErrorTable, code: string | undefined): boolean =>
  code !== undefined && Object.hasOwn(table.rows, code)

/** Returns the codes in a body. Ignores values that cannot be a code, because a proxy may have written the body. */
export const codesAt = ({ code: places = [] }: ErrorTable, body: unknown): readonly string[] =>
  [places]
    .flat()
    .map((place) => valueAt(body, place))
    .map((value) => (typeof value === 'number' ? String(value) : value))
    .filter((value): value is string => typeof value === 'string' && /^[\w.:/-]{1,80}$/.test(value))

/** Returns the provider's own message where the table says, or undefined if there is none. */
export function messageAt({ message: place }: ErrorTable, body: unknown): string | undefined {
  if (place === undefined) return undefined
  const message = typeof place === 'function' ? place(body) : valueAt(body, place)
  return typeof message === 'string' ? message : undefined
}
