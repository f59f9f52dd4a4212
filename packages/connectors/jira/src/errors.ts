import { valueAt } from '@mcpclient/core/define'
import type { Failure, LimitScope, Reply } from '@mcpclient/core/define'

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

const hints: ReadonlyMap<number, string> = new Map([
  [403, 'Ask an administrator of the project for the permission.'],
  [404, 'Check the id or key. Jira also returns 404 for what this user may not see.'],
  [413, 'Send less: the site limits the size of texts and files.'],
])

/** The gateway refuses a token without the scope of a request like one that has expired. */
const LACKS_SCOPE = /scope does not match/i

/** Jira's errors have no codes: the status and the message are what there is, and a reason in a header of a 429. */
export function errors({ status, headers, body }: Reply): Failure | undefined {
  // A webhook that was not registered is in a response with status 200.
  const notRegistered = valueAt(body, 'webhookRegistrationResult.0.errors.0')
  if (typeof notRegistered === 'string') return { code: 'MCP_CLIENT_ERROR', providerMessage: notRegistered }
  if (status < 400) return undefined
  const providerMessage = messageIn(body)
  if (status === 429) {
    const reason = headers.get('ratelimit-reason') ?? ''
    return {
      providerMessage,
      blocks: blocks.get(reason) ?? 'connection',
      ...(blocks.has(reason) && { providerCode: reason }),
    }
  }
  if (status === 401 && LACKS_SCOPE.test(providerMessage ?? '')) {
    return {
      code: 'MCP_CLIENT_ERROR',
      providerMessage,
      hint: 'Add the scope of the tool to the permissions of the app and to scopes, and connect again.',
    }
  }
  return { providerMessage, hint: hints.get(status) }
}

/** Returns the first message: about the request, or about one of its fields. */
function messageIn(body: unknown): string | undefined {
  const [first] = stringsIn(valueAt(body, 'errorMessages'))
  if (first !== undefined) return first
  const fields = valueAt(body, 'errors')
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) {
    const [field] = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    if (field !== undefined) return `${field[0]}: ${field[1]}`
  }
  const message = valueAt(body, 'message')
  return typeof message === 'string' ? message : undefined
}

const stringsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
