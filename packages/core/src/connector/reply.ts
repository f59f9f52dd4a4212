import type { ResponseHeaders } from '../ports/transport.ts'

/** The response to one request. */
export interface Reply {
  readonly status: number
  readonly headers: ResponseHeaders
  /** The body: parsed JSON, text, bytes, or a byte stream for a streaming tool. Undefined if there was none. */
  readonly body: unknown
  /** The URL that returned it, after redirects and without the signature. Undefined for a service without HTTP. */
  readonly url?: string | undefined
}

/** A path in a response body, such as `response_metadata.next_cursor`. Use a list if a key contains a dot. */
export type Path = string | readonly string[]

const segmentsOf = (path: Path): readonly string[] =>
  typeof path === 'string' ? (path === '' ? [] : path.split('.')) : path

/** Returns the value at a path of a body, or undefined if there is none. */
export function valueAt(body: unknown, path: Path): unknown {
  let value = body
  for (const segment of segmentsOf(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[segment]
  }
  return value
}

/** Returns a copy of `body` with `value` at `path`. The other parts are shared with `body`. */
export function withValueAt(body: unknown, path: Path, value: unknown): unknown {
  const [first, ...rest] = segmentsOf(path)
  if (first === undefined) return value
  // A computed key defines an own property, even for `__proto__`.
  return { ...(typeof body === 'object' ? body : {}), [first]: withValueAt(valueAt(body, [first]), rest, value) }
}
