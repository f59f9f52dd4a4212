import { valueAt } from '@mcpclient/core/define'
import type { Failure, Reply } from '@mcpclient/core/define'

const wordsAt = (body: unknown, path: string): string | undefined => {
  const value = valueAt(body, path)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Advice by the title of an error. Source: https://mailchimp.com/developer/marketing/docs/errors/ */
const rows: Readonly<Record<string, Failure>> = {
  'Member Exists': { hint: 'Use upsert_member or update_member: the address is in the audience.' },
  'Member In Compliance State': {
    hint: 'Set the status to pending: a member who left, bounced or was cleaned has to confirm first.',
  },
  'Forgotten Email Not Subscribed': {
    hint: "Use the audience's own form: Mailchimp adds no address again that was deleted permanently.",
  },
  'User Disabled': {
    code: 'MCP_AUTHENTICATION_FAILURE',
    hint: 'Connect the account again, or another one: Mailchimp deactivated this user.',
  },
  // Its status says that it is temporary, which it is not.
  'Compliance Related': {
    code: 'MCP_CLIENT_ERROR',
    notProcessed: true,
    hint: 'Ask the owner of the account: Mailchimp disabled this.',
  },
}

// Source: https://mailchimp.com/developer/marketing/docs/fundamentals/#api-limits
const BARE_403 = 'Send fewer requests: at high volumes, Mailchimp refuses them with a 403 without a body.'

/** Returns the failure of a response. An error table does not fit, because titles have spaces. */
export function errors({ status, body }: Reply): Failure | undefined {
  if (status < 400) return undefined
  const title = wordsAt(body, 'title')
  if (title === undefined) return status === 403 ? { hint: BARE_403 } : undefined
  const field = wordsAt(body, 'errors.0.field')
  const problem = wordsAt(body, 'errors.0.message')
  return {
    ...(Object.hasOwn(rows, title) && rows[title]),
    providerCode: title,
    providerMessage: problem === undefined ? wordsAt(body, 'detail') : [field, problem].filter(Boolean).join(': '),
  }
}
