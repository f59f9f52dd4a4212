import { errorTable, valueAt } from '@mcpclient/core/define'
import type { ErrorRow, LimitScope } from '@mcpclient/core/define'

/**
 * The calls that have to wait after a 429, by its reason.
 *
 * Source: https://developer.atlassian.com/cloud/jira/platform/build-an-app-that-respects-rate-limits
 */
const blocks: ReadonlyMap<string, LimitScope> = new Map([
  ['jira-quota-global-based', 'app'],
  ['jira-quota-tenant-based', 'connection'],
  ['jira-burst-based', 'method'],
  ['jira-per-issue-on-write', 'method'],
])

function limited(reason: string): ErrorRow {
  const scope = blocks.get(reason)
  return scope === undefined ? { blocks: 'connection' } : { blocks: scope, providerCode: reason }
}

const NOT_REGISTERED = 'webhookRegistrationResult.0.errors.0'
const lacksScope: ErrorRow = {
  code: 'MCP_CLIENT_ERROR',
  hint: 'Add the scope of the tool to the permissions of the app and to scopes, and connect again.',
}

// Jira's errors have no codes: the status and the message are what there is, and a reason in a header of a 429.
export const errors = errorTable(
  // A webhook that was not registered is in a response with status 200.
  { message: messageIn, refused: (body) => typeof valueAt(body, NOT_REGISTERED) === 'string' },
  {
    // The gateway refuses a token without the scope of a request like one that has expired.
    401: (body) => (/scope does not match/i.test(messageIn(body) ?? '') ? lacksScope : {}),
    403: { hint: 'Ask an administrator of the project for the permission.' },
    404: { hint: 'Check the id or key. Jira also returns 404 for what this user may not see.' },
    413: { hint: 'Send less: the site limits the size of texts and files.' },
    429: (_body, { headers }) => limited(headers.get('ratelimit-reason') ?? ''),
  },
)

/** Returns the first message: about the request, or about one of its fields. */
function messageIn(body: unknown): string | undefined {
  const [first] = [valueAt(body, NOT_REGISTERED), ...listIn(valueAt(body, 'errorMessages'))].filter(isString)
  if (first !== undefined) return first
  const fields = valueAt(body, 'errors')
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) {
    const [field] = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    if (field !== undefined) return `${field[0]}: ${field[1]}`
  }
  const message = valueAt(body, 'message')
  return typeof message === 'string' ? message : undefined
}

const isString = (value: unknown): value is string => typeof value === 'string'
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
