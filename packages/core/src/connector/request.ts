import { ConnectorError } from '../errors/connector-error.ts'

/** What a call does at the provider: nothing, create or change, or remove what cannot be brought back. */
export type Effect = 'read' | 'write' | 'destroy'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** `undefined` leaves the parameter out; an array repeats it. */
export type QueryValue = string | number | boolean | undefined | readonly (string | number | boolean)[]
export type Query = Readonly<Record<string, QueryValue>>

/**
 * What one step wants of the provider, as a value: no credential, no base URL, nothing that could be sent by itself.
 * Tests compare it, an approval screen shows it, the runtime sends it.
 */
export interface RequestSpec {
  readonly method: Method
  /** Relative to the connector's base URL, or an absolute https URL on one of its declared hosts. */
  readonly path: string
  readonly query?: Query | undefined
  readonly body?: Body | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * How to read the response. `auto` reads JSON whatever the content type says, and other text as text.
   * @default 'auto'
   */
  readonly read?: 'auto' | 'json' | 'text' | 'bytes' | undefined
  /**
   * How to read integers of a JSON response that a JavaScript number cannot hold (beyond 2^53). `string` keeps every
   * digit, as a string; it needs a runtime with JSON.parse source text access, such as Node 22.
   * @default 'number', which rounds
   */
  readonly bigIntegers?: 'number' | 'string' | undefined
  /** What the request costs of each declared limit; 1 unless said otherwise. */
  readonly cost?: number | undefined
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

/** The parts of a request that few tools need. */
export interface RequestOptions {
  readonly query?: Query | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly read?: RequestSpec['read']
  readonly bigIntegers?: RequestSpec['bigIntegers']
  readonly cost?: number | undefined
}

/** Tells a body from a JSON value that happens to look like one. Not enumerable, so that requests compare as values. */
const brand = Symbol.for('@mcpclient/body')
const body = <B extends Body>(value: B): B => {
  Object.defineProperty(value, brand, { value: true })
  return value
}

/** A field of a form. An object is sent as JSON. */
export type FormValue = QueryValue | object

/**
 * Builds a body of `application/x-www-form-urlencoded` fields.
 * @param options.lists whether a list repeats its field, or is sent as JSON; default `repeat`
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
/** A body of `multipart/form-data` parts: text or files. */
export const multipart = (fields: Readonly<Record<string, string | FilePart | undefined>>): Body =>
  body({ kind: 'multipart', fields })
/** A body sent byte for byte. */
export const binary = (bytes: Uint8Array<ArrayBuffer>, contentType: string): Body =>
  body({ kind: 'bytes', bytes, contentType })

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && brand in value

const bodyOf = (value: unknown): Body | undefined => {
  if (value === undefined) return undefined
  if (isBody(value)) return value
  return { kind: 'json', value }
}

/** A path that begins with one slash looks absolute, but is appended to the base URL. */
function relative(path: string): string {
  if (!/^\/(?!\/)/.test(path)) return path
  throw new ConnectorError('CONFIGURATION_ERROR', `The path "${path.slice(0, 80)}" begins with a slash.`, {
    hint: 'Write it relative to the base URL, without the slash.',
  })
}

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

/** Builds a request with a JSON body; pass `form(...)`, `multipart(...)` or `binary(...)` for another kind. */
export const post = withBody('POST')
export const put = withBody('PUT')
export const patch = withBody('PATCH')
/** A DELETE, which seldom has a body. */
export const del = withBody('DELETE')

/**
 * Joins path segments, escaping each interpolated value: `` path`calendars/${id}/events` ``.
 *
 * @throws ConnectorError INVALID_INPUT for an empty value, `.` or `..`: they would address another resource, since URL
 *   parsers resolve dot segments even when escaped (WHATWG URL, "double-dot URL path segment").
 */
export function path(strings: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  let out = strings[0] ?? ''
  for (const [index, value] of values.entries()) {
    const text = pathText(value)
    if (text === undefined) {
      throw new ConnectorError('INVALID_INPUT', `Value ${index + 1} of a path cannot be encoded.`, {
        issues: [{ path: 'path', message: 'It is no text or number that a URL can carry.' }],
        outcome: 'not_processed',
      })
    }
    if (text === '' || text === '.' || text === '..') {
      throw new ConnectorError('INVALID_INPUT', `A path value is "${text}", which would address another resource.`, {
        hint: 'Pass the id of the resource, not an empty string or a dot segment.',
        outcome: 'not_processed',
      })
    }
    out += encodeURIComponent(text) + (strings[index + 1] ?? '')
  }
  return out
}

/** The text of a path value; undefined for what a URL cannot carry, or what would become `undefined` or `NaN` in it. */
function pathText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value.isWellFormed() ? value : undefined
}
