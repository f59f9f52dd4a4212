import type { ResponseHeaders } from '../ports/transport.ts'

/** What came back for one request. */
export interface Reply {
  readonly status: number
  readonly headers: ResponseHeaders
  /** Parsed JSON, text, bytes, a byte stream for a streaming tool, or undefined where there was none. */
  readonly body: unknown
  /** The URL that returned it, after redirects and without the signature; undefined for a service without HTTP. */
  readonly url?: string | undefined
}

/** The value at a path inside a parsed answer: `response_metadata.next_cursor`, or a list where a key has a dot in it. */
export type Path = string | readonly string[]

const segmentsOf = (path: Path): readonly string[] =>
  typeof path === 'string' ? (path === '' ? [] : path.split('.')) : path

export function valueAt(body: unknown, path: Path): unknown {
  let value = body
  for (const segment of segmentsOf(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[segment]
  }
  return value
}

/** A copy of `body` in which the value at `path` is `value`; the parts beside it are shared. */
export function withValueAt(body: unknown, path: Path, value: unknown): unknown {
  const [first, ...rest] = segmentsOf(path)
  if (first === undefined) return value
  // A computed key defines an own property, even for `__proto__`.
  return { ...(typeof body === 'object' ? body : {}), [first]: withValueAt(valueAt(body, [first]), rest, value) }
}
