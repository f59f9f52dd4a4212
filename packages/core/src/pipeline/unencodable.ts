import type { Attempt } from './call.ts'
import type { Body, RequestSpec } from '../connector/request.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { Unencodable } from './encode-request.ts'
import { isHeaderValue } from '../auth/header-text.ts'
import { findUnencodable } from './find-unencodable.ts'
import type { Carrier, Found } from './find-unencodable.ts'

/** Returns the error for a request that cannot be encoded, with the path of the value. Nothing was sent. */
export function unencodable(error: unknown, attempt: Attempt, request: RequestSpec): ConnectorError {
  if (ConnectorError.is(error)) return error
  const { call } = attempt
  if (error instanceof Unencodable && error.part.startsWith('options.')) {
    return refusal(attempt, { path: error.part, problem: problemOfKey(call.options.idempotencyKey) })
  }
  const found = findIn(request)
  // The caller knows the input, not the request that a connector builds from it.
  const inInput = found && findUnencodable(call.input, found.carrier, '', found.problem)
  const path = inInput?.path || found?.path || (error instanceof Unencodable ? error.part : '')
  return refusal(attempt, { path, problem: found?.problem ?? 'cannot be encoded' }, error)
}

const problemOfKey = (key: unknown): string =>
  isHeaderValue(key) ? 'is empty, or starts or ends with whitespace' : 'contains characters that a header cannot carry'

function refusal(
  { call }: Attempt,
  { path, problem }: Pick<Found, 'path' | 'problem'>,
  cause?: unknown,
): ConnectorError {
  const where = path === '' ? 'a value' : path
  return new ConnectorError(
    'INVALID_INPUT',
    `${call.toolName} cannot be sent: ${where} ${problem}.`,
    { issues: [{ path, message: `It ${problem}.` }], outcome: 'not_processed' },
    { cause },
  )
}

function findIn({ path, query, headers, body }: RequestSpec): (Found & { readonly carrier: Carrier }) | undefined {
  const parts: readonly (readonly [Carrier, unknown, string])[] = [
    ['path', path, 'path'],
    ['query', query, 'query'],
    ...bodyParts(body),
  ]
  for (const [carrier, value, name] of parts) {
    const found = findUnencodable(value, carrier, name)
    if (found) return { ...found, carrier }
  }
  for (const name in headers) {
    if (!isHeaderValue(headers[name])) {
      const problem = 'contains characters that a header cannot carry'
      return { path: `headers.${name}`, problem, carrier: 'header' }
    }
  }
  return undefined
}

function bodyParts(body: Body | undefined): readonly (readonly [Carrier, unknown, string])[] {
  if (body === undefined) return []
  if (body.kind === 'json') return [['json', body.value, 'body']]
  if (body.kind === 'bytes') return [['header', body.contentType, 'body.contentType']]
  if (body.kind === 'form') return [['query', body.fields, 'body']]
  return Object.entries(body.fields).map(([name, part]) => [
    'query',
    typeof part === 'object' ? part.filename : part,
    `body.${name}`,
  ])
}
