/** A request as a provider reads it. */
export interface RequestRecord {
  readonly method: string
  readonly origin: string
  /** The path with each segment escaped in one way, because clients differ in what they escape. */
  readonly path: string
  /** `name=value` for each parameter, in alphabetical order. */
  readonly query: readonly string[]
  /** The chosen headers. A header that was not sent is absent. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * JSON as a value, a form as its sorted `name=value` pairs, multipart as its parts, text as a string, and anything else as
   * bytes. Undefined if there is none.
   */
  readonly body: unknown
}

const pairs = (parameters: URLSearchParams): readonly string[] =>
  [...parameters].map(([name, value]) => `${name}=${value}`).toSorted()

const partsOf = async (form: FormData): Promise<readonly object[]> =>
  Promise.all(
    [...form].map(async ([name, value]) =>
      typeof value === 'string'
        ? { name, value }
        : { name, filename: value.name, type: value.type, value: await value.text() },
    ),
  )

async function bodyIn(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type') ?? 'text/plain'
  if (type.startsWith('multipart/form-data')) return partsOf(await request.formData())
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.length === 0) return undefined
  const text = new TextDecoder().decode(bytes)
  if (/^application\/(?:[\w.-]+\+)?json/.test(type)) return JSON.parse(text)
  if (type.startsWith('application/x-www-form-urlencoded')) return pairs(new URLSearchParams(text))
  return type.startsWith('text/') ? text : bytes
}

/** Reads a request, with these of its headers. */
export async function recordRequest(request: Request, headers: readonly string[]): Promise<RequestRecord> {
  const { origin, pathname, searchParams } = new URL(request.url)
  const chosen = headers.flatMap((name) => {
    const value = request.headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  return {
    method: request.method,
    origin,
    path: pathname
      .split('/')
      .map((segment) => encodeURIComponent(decodeURIComponent(segment)))
      .join('/'),
    query: pairs(searchParams),
    headers: Object.fromEntries(chosen) as Record<string, string>,
    body: await bodyIn(request),
  }
}
