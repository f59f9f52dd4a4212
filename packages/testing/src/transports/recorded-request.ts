import type { TransportRequest } from '@mcpclient/core'

/** A request as a transport of this package saw it, taken apart so that a test can compare its parts. */
export interface RecordedRequest extends TransportRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The path of the URL, still escaped. */
  readonly path: string
  /** The query of the URL; a list where a name comes more than once. */
  readonly query: Fields
  /** The body, parsed; undefined if it is not JSON. */
  readonly json: unknown
  /** The fields of a URL-encoded body; undefined if it is not one. */
  readonly form: Fields | undefined
}

export type Fields = Readonly<Record<string, string | readonly string[]>>

/**
 * @throws Error if the URL is not absolute: no real transport could send it
 */
export function recordRequest(request: TransportRequest): RecordedRequest {
  if (!URL.canParse(request.url)) throw new Error(`A transport needs an absolute URL, and got "${request.url}".`)
  const { pathname, searchParams } = new URL(request.url)
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const text = textOf(request.body)
  const isForm = headers['content-type']?.includes('application/x-www-form-urlencoded') === true
  return {
    ...request,
    headers,
    path: pathname,
    query: fieldsOf(searchParams),
    json: text === undefined || isForm ? undefined : parseJson(text),
    form: text !== undefined && isForm ? fieldsOf(new URLSearchParams(text)) : undefined,
  }
}

function textOf(body: TransportRequest['body']): string | undefined {
  if (body instanceof Uint8Array) return new TextDecoder().decode(body)
  return typeof body === 'string' ? body : undefined
}

function parseJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text)
    return parsed
  } catch {
    return undefined
  }
}

const fieldsOf = (parameters: URLSearchParams): Fields =>
  Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const [first = '', ...others] = parameters.getAll(name)
      return [name, others.length > 0 ? [first, ...others] : first]
    }),
  )
