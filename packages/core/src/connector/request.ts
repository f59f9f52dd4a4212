import { ConnectorError } from '../errors/connector-error.ts'

/** The effect of a call at the provider. `read` changes nothing, `write` creates or changes, `destroy` deletes for good. */
export type Effect = 'read' | 'write' | 'destroy'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The value of a query parameter. `undefined` omits the parameter; an array repeats it. */
export type QueryValue = string | number | boolean | undefined | readonly (string | number | boolean)[]
export type Query = Readonly<Record<string, QueryValue>>

/**
 * A request as a value, without a credential and without a base URL. Tests compare it, an approval screen shows it, and the
 * runtime sends it.
 */
export interface RequestSpec {
  readonly method: Method
  /** The path relative to the connector's base URL, or an absolute https URL on one of its declared hosts. */
  readonly path: string
  readonly query?: Query | undefined
  readonly body?: Body | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * The format of the response. `auto` parses JSON regardless of the content type, and returns other text as a string.
   * @default 'auto'
   */
  readonly read?: 'auto' | 'json' | 'text' | 'bytes' | undefined
  /**
   * The type of JSON integers beyond 2^53. `number` rounds them. `string` keeps every digit, and requires a runtime with
   * JSON.parse source text access, such as Node 22.
   * @default 'number'
   */
  readonly bigIntegers?: 'number' | 'string' | undefined
  /** Statuses of 400 and above whose body is the response to this request, such as a 412 with a new token. */
  readonly accepts?: readonly number[] | undefined
  /** Headers of the response to add to its body, by the names of the fields that they become. Absent headers add none. */
  readonly responseHeaders?: Readonly<Record<string, string>> | undefined
  /**
   * The cost of the request in each declared limit: a number for all of them, or costs by the names of limits. Limits that
   * it does not name count 1, and 0 exempts the request from a rate.
   * @default 1
   */
  readonly cost?: number | Readonly<Record<string, number>> | undefined
}

export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly fields: Query }
  | { readonly kind: 'multipart'; readonly fields: Readonly<Record<string, string | FilePart | undefined>> }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer>; readonly contentType: string }

export interface FilePart {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly filename: string
  readonly contentType?: string | undefined
}

/** Optional parts of a request. */
export interface RequestOptions {
  readonly query?: Query | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly read?: RequestSpec['read']
  readonly bigIntegers?: RequestSpec['bigIntegers']
  readonly accepts?: RequestSpec['accepts']
  readonly responseHeaders?: RequestSpec['responseHeaders']
  readonly cost?: RequestSpec['cost']
}

/** Distinguishes a body from a JSON value of the same shape. Not enumerable, so that requests compare as values. */
const brand = Symbol.for('@mcpclient/body')
const body = <B extends Body>(value: B): B => {
  Object.defineProperty(value, brand, { value: true })
  return value
}

/** The value of a form field. An object is sent as JSON. */
export type FormValue = QueryValue | object

/**
 * Builds a body of `application/x-www-form-urlencoded` fields.
 * @param options.lists `repeat` repeats the field for each item of a list; `json` sends the list as JSON. @default 'repeat'
 */
export const form = (
  fields: Readonly<Record<string, FormValue>>,
  { lists = 'repeat' }: { readonly lists?: 'repeat' | 'json' } = {},
): Body => {
  const entries = Object.entries(fields).map(([name, value]): [string, QueryValue] => {
    const isJson = typeof value === 'object' && value !== null && !(Array.isArray(value) && lists === 'repeat')
    return [name, isJson ? JSON.stringify(value) : (value as QueryValue)]
  })
  return body({ kind: 'form', fields: Object.fromEntries(entries) })
}
/** Builds a body of `multipart/form-data` parts: strings or files. */
export const multipart = (fields: Readonly<Record<string, string | FilePart | undefined>>): Body =>
  body({ kind: 'multipart', fields })
/** Builds a body from bytes, which are sent unchanged. */
export const binary = (bytes: Uint8Array<ArrayBuffer>, contentType: string): Body =>
  body({ kind: 'bytes', bytes, contentType })

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && brand in value

const bodyOf = (value: unknown): Body | undefined => {
  if (value === undefined) return undefined
  if (isBody(value)) return value
  return { kind: 'json', value }
}

/** Returns the path, or throws if it starts with a slash: paths are appended to the base URL. */
function relative(path: string): string {
  if (!/^\/(?!\/)/.test(path)) return path
  throw new ConnectorError('CONFIGURATION_ERROR', `The path "${path.slice(0, 80)}" starts with a slash.`, {
    hint: 'Write it relative to the base URL, without the slash.',
  })
}

/**
 * Builds a GET request.
 * @throws ConnectorError CONFIGURATION_ERROR if the path starts with a slash
 */
export const get = (path: string, query?: Query, options: Omit<RequestOptions, 'query'> = {}): RequestSpec => ({
  method: 'GET',
  path: relative(path),
  ...(query && { query }),
  ...options,
})

const withBody =
  (method: Method) =>
  (path: string, payload?: unknown, options: RequestOptions = {}): RequestSpec => {
    const content = bodyOf(payload)
    return { method, path: relative(path), ...(content && { body: content }), ...options }
  }

/** Builds a POST request with a JSON body. Pass `form(...)`, `multipart(...)` or `binary(...)` for another kind of body. */
export const post = withBody('POST')
/** Builds a PUT request. The body is as in {@link post}. */
export const put = withBody('PUT')
/** Builds a PATCH request. The body is as in {@link post}. */
export const patch = withBody('PATCH')
/** Builds a DELETE request, usually without a body. */
export const del = withBody('DELETE')

/**
 * Builds a path and escapes each interpolated value: `` path`calendars/${id}/events` ``.
 * @throws ConnectorError INVALID_INPUT for an empty value, `.` or `..`. They would address another resource, because URL
 *   parsers resolve dot segments even if they are escaped (WHATWG URL, "double-dot URL path segment").
 */
export function path(strings: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  let out = strings[0] ?? ''
  for (const [index, value] of values.entries()) {
    const text = pathText(value)
    if (text === undefined) {
      throw new ConnectorError('INVALID_INPUT', `Value ${index + 1} of a path cannot be encoded.`, {
        issues: [{ path: 'path', message: 'It is not a string or a number that a URL can contain.' }],
        outcome: 'not_processed',
      })
    }
    if (text === '' || text === '.' || text === '..') {
      throw new ConnectorError('INVALID_INPUT', `The path value "${text}" would address another resource.`, {
        hint: 'Pass the id of the resource, not an empty string or a dot segment.',
        outcome: 'not_processed',
      })
    }
    out += encodeURIComponent(text) + (strings[index + 1] ?? '')
  }
  return out
}

/** Returns a path value as a string, or undefined if a URL cannot contain it. */
function pathText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value.isWellFormed() ? value : undefined
}
