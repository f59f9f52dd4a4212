import { codesAt, hasRow, rowOf } from '../connector/error-table.ts'
import type { ErrorRow, ErrorTable } from '../connector/error-table.ts'
import { valueAt } from '../connector/reply.ts'

/** What a server says when it refuses, in its own words. */
export interface TokenRefusal {
  readonly error: string
  readonly description?: string | undefined
  /** What the connector's table says about it. */
  readonly meaning?: ErrorRow | undefined
}

type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined

/** A code such as `invalid_grant`, not a sentence and not an HTTP status. */
const isCode = (text: string): boolean =>
  /^[A-Za-z][\w.:-]{2,63}$/.test(text) && !/^(?:error|fail|failed|failure)$/i.test(text)

/**
 * Reads a form-encoded response, which some token endpoints send instead of JSON, whatever its content type says.
 * Undefined for any other text, such as a web page.
 */
export function formMembers(text: string): Members | undefined {
  const form = text.trim()
  if (!/^[\w.~%+-]+=/.test(form)) return undefined
  const params = new URLSearchParams(form)
  const isAnswer = ['access_token', 'error', 'device_code'].some((name) => params.has(name))
  // Two values of one member leave open which one counts.
  if (!isAnswer || new Set(params.keys()).size !== params.size) return undefined
  return Object.fromEntries(params)
}

/**
 * Returns the refusal in a response: where the connector's table says that it is, else where the standards and most
 * servers have it. Some servers refuse with status 200.
 */
export function refusalIn(body: unknown, status: number, errors: ErrorTable | undefined): TokenRefusal | undefined {
  const plain = plainRefusal(body, status)
  if (errors === undefined) return plain
  const isRefusal = errors.refused?.(body) === true
  if (!isRefusal && plain === undefined && status < 400) return undefined
  const codes = codesAt(errors, body)
  const error = [...codes, plain?.error].find((code) => hasRow(errors, code)) ?? plain?.error ?? codes[0]
  if (error === undefined) return isRefusal ? { error: 'unknown_error' } : undefined
  const said = errors.message === undefined ? undefined : textOf(valueAt(body, errors.message))
  return { error, description: said ?? plain?.description, meaning: meaningOf(errors, error, body) }
}

/** A row that is a function must not stand in the way of the failure. */
function meaningOf(errors: ErrorTable, word: string, body: unknown): ErrorRow | undefined {
  try {
    return rowOf(errors, word, body)
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
  // Members of other names are a refusal only where the status says that the response is one.
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

/** An error object with a message alone still is a refusal. */
const fallbackCode = (members: Members): string | undefined =>
  textOf(members['message']) === undefined ? undefined : 'unknown_error'

/**
 * Returns the members of a token response as RFC 6749 (section 5.1) has them: `null` and empty text are left out, numbers
 * may be text, lists become text, and a response without a type is a bearer token. An id_token is verified elsewhere.
 */
export function normalizedMembers(given: unknown): Members {
  if (!isObject(given)) return {}
  const { id_token: _verifiedElsewhere, ...members } = withoutNulls(given)
  const { token_type: type, scope, expires_in: life, refresh_token: refreshToken } = members
  const scopes = Array.isArray(scope) ? scope.filter((item) => typeof item === 'string').join(' ') : scope
  return {
    ...members,
    token_type: textOf(type)?.trim() ?? 'bearer',
    // An empty scope says no more than an absent one (RFC 6749, section 5.1).
    scope: textOf(scopes),
    // No server issues a token that has expired; 0 is how some say "never".
    expires_in: secondsIn(life),
    refresh_token: textOf(refreshToken),
  }
}

/** Returns the members of RFC 8628, section 3.2; Google has a name of its own for one of them. */
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

/** `null` means absent, wherever a member may be absent. */
export const withoutNulls = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))

/** A positive number of seconds, however it is written. */
export function secondsIn(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
}

/** Splits a scope parameter. Some servers return with commas what was requested with spaces. */
export const scopesIn = (text: string): readonly string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))]
