import { codesAt, hasRow, messageAt, rowOf } from '../connector/error-table.ts'
import type { ErrorRow, ErrorTable } from '../connector/error-table.ts'
import type { Reply } from '../connector/reply.ts'

/** The refusal of a server, in its own words. */
export interface TokenRefusal {
  readonly error: string
  readonly description?: string | undefined
  /** The row of the connector's error table. */
  readonly meaning?: ErrorRow | undefined
}

type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined

/** Returns whether a string is a code such as `invalid_grant`, and neither a sentence nor an HTTP status. */
const isCode = (text: string): boolean =>
  /^[A-Za-z][\w.:-]{2,63}$/.test(text) && !/^(?:error|fail|failed|failure)$/i.test(text)

/**
 * Parses a form-encoded response, which some token endpoints send instead of JSON, whatever its content type. Returns
 * undefined for any other body, such as a web page.
 */
export function formMembers(text: string): Members | undefined {
  const form = text.trim()
  if (!/^[\w.~%+-]+=/.test(form)) return undefined
  const params = new URLSearchParams(form)
  const isOAuth = ['access_token', 'error', 'device_code'].some((name) => params.has(name))
  // A member with two values is ambiguous.
  if (!isOAuth || new Set(params.keys()).size !== params.size) return undefined
  return Object.fromEntries(params)
}

/**
 * Returns the refusal in a response: at the place that the connector's table names, else where the standards and most
 * servers put it. Some servers refuse with status 200.
 */
export function refusalIn(reply: Reply, errors: ErrorTable | undefined): TokenRefusal | undefined {
  const { status, body } = reply
  const plain = plainRefusal(body, status)
  if (errors === undefined) return plain
  const isRefusal = errors.refused?.(body) === true
  if (!isRefusal && plain === undefined && status < 400) return undefined
  const codes = codesAt(errors, body)
  const error = [...codes, plain?.error].find((code) => hasRow(errors, code)) ?? plain?.error ?? codes[0]
  if (error === undefined) return isRefusal ? { error: 'unknown_error' } : undefined
  const description = textOf(messageAt(errors, body)) ?? plain?.description
  return { error, description, meaning: meaningOf(errors, error, reply) }
}

/** Returns the row, or undefined if its function throws: the failure itself must still be reported. */
function meaningOf(errors: ErrorTable, word: string, reply: Reply): ErrorRow | undefined {
  try {
    return rowOf(errors, word, reply)
  } catch {
    return undefined
  }
}

function plainRefusal(body: unknown, status: number): TokenRefusal | undefined {
  if (!isObject(body)) return undefined
  const isGranted = textOf(body['access_token']) !== undefined || textOf(body['device_code']) !== undefined
  if (status < 400 && isGranted) return undefined
  const nested = isObject(body['error']) ? body['error'] : {}
  const error = textOf(body['error']) ?? (isObject(body['error']) ? codeIn(nested) : undefined)
  // Other members count as a refusal only with an error status.
  const word = error ?? (status >= 400 ? codeIn(body) : undefined)
  if (word === undefined) return undefined
  const description = [
    body['error_description'],
    nested['message'],
    body['error_message'],
    body['message'],
    nested['error_description'],
  ]
  return { error: word, description: description.map(textOf).find((text) => text !== undefined) }
}

const CODE_MEMBERS = ['error_code', 'errorCode', 'code', 'error', 'status', 'type', 'reason']

function codeIn(members: Members): string | undefined {
  const words = CODE_MEMBERS.map((name) => members[name])
  return words.find((word): word is string => typeof word === 'string' && isCode(word)) ?? fallbackCode(members)
}

/** Returns a code for an error object that has only a message, which is still a refusal. */
const fallbackCode = (members: Members): string | undefined =>
  textOf(members['message']) === undefined ? undefined : 'unknown_error'

/**
 * Normalizes the members of a token response to RFC 6749 (section 5.1). Removes `null` and empty strings, parses
 * numbers in strings, joins lists, and defaults the type to `bearer`. An id_token is verified elsewhere.
 */
export function normalizedMembers(given: unknown): Members {
  if (!isObject(given)) return {}
  const { id_token: _verifiedElsewhere, ...members } = withoutNulls(given)
  const { token_type: type, scope, expires_in: life, refresh_token: refreshToken } = members
  const scopes = Array.isArray(scope) ? scope.filter((item) => typeof item === 'string').join(' ') : scope
  return {
    ...members,
    token_type: textOf(type)?.trim() ?? 'bearer',
    // An empty scope is the same as an absent one (RFC 6749, section 5.1).
    scope: textOf(scopes),
    // Some servers return 0 for "never expires".
    expires_in: secondsIn(life),
    refresh_token: textOf(refreshToken),
  }
}

/** Normalizes the members of a device response to RFC 8628, section 3.2. Google renames one of them. */
export function normalizedDevice(given: unknown): Members {
  if (!isObject(given)) return {}
  const { verification_url: url, ...members } = withoutNulls(given)
  return {
    ...members,
    verification_uri: members['verification_uri'] ?? url,
    expires_in: secondsIn(members['expires_in']),
    interval: secondsIn(members['interval']),
  }
}

/** Removes members that are `null`, which means absent. */
export const withoutNulls = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))

/** Parses a positive number of seconds from a number or a string. */
export function secondsIn(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
}

/** Splits a scope parameter. Some servers return commas instead of spaces. */
export const scopesIn = (text: string): readonly string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))]
