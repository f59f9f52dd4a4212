import { errorTable } from '@mcpclient/core/define'
import type { ErrorPlaces, ErrorRow, ErrorTable } from '@mcpclient/core/define'

// Graph does not process a request that it throttles: https://learn.microsoft.com/graph/throttling
const limited: ErrorRow = { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true }
const denied: ErrorRow = {
  hint: 'Connect the account again with the scopes of the tool, or ask an administrator for consent.',
}
const stale: ErrorRow = { hint: 'Read the item again: it has changed since this version.' }
const absent: ErrorRow = { hint: 'Check the ids. The item was deleted or moved, or belongs to another mailbox.' }
const noMailbox: ErrorRow = { hint: 'Use an account whose mailbox is in Exchange Online or Outlook.com.' }
const expired: ErrorRow = { hint: 'List everything again without a delta link.' }
const full: ErrorRow = { hint: 'Free space in the mailbox, then try again.' }
const signIn: ErrorRow = { code: 'MCP_AUTHENTICATION_FAILURE', hint: 'Connect the account again.' }
const ended = (reason: string): ErrorRow => ({ ...signIn, reason })
const misconfigured = (hint: string): ErrorRow => ({ code: 'CONFIGURATION_ERROR', hint })

/** The places of a code: of Graph, from the most specific one, and of the token endpoint. */
const CODES = [
  'error.innerError.code',
  'error.innererror.code',
  'error.innerError.errorCode',
  'error.code',
  'error_codes.0',
  'suberror',
  'error',
]

// Source: https://learn.microsoft.com/graph/errors
const graph: ErrorTable['rows'] = {
  InvalidAuthenticationToken: { code: 'MCP_AUTHENTICATION_FAILURE' },
  unauthenticated: { code: 'MCP_AUTHENTICATION_FAILURE' },
  insufficient_claims: signIn,
  TooManyRequests: limited,
  ApplicationThrottled: limited,
  throttledRequest: limited,
  activityLimitReached: limited,
  429: limited,
  accessDenied: denied,
  ErrorAccessDenied: denied,
  Authorization_RequestDenied: denied,
  MailboxNotEnabledForRESTAPI: noMailbox,
  MailboxNotSupportedForRESTAPI: noMailbox,
  ErrorNonExistentMailbox: noMailbox,
  extensionError: noMailbox,
  ErrorItemNotFound: absent,
  itemNotFound: absent,
  ResourceNotFound: absent,
  ErrorInvalidIdMalformed: absent,
  ErrorIrresolvableConflict: stale,
  PreconditionFailed: stale,
  resourceModified: stale,
  entityTagDoesNotMatch: stale,
  nameAlreadyExists: { hint: 'Read the item with this name: it exists.' },
  ErrorDuplicateTransactionId: { hint: 'Read the event that was created with this transactionId.' },
  syncStateNotFound: expired,
  SyncStateNotFound: expired,
  resyncRequired: expired,
  resyncApplyDifferences: expired,
  resyncUploadDifferences: expired,
  quotaLimitReached: full,
  ErrorQuotaExceeded: full,
}

// Error codes of the sign-in service change, so these only improve the advice, and every other one keeps its meaning.
// Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
const entra: ErrorTable['rows'] = {
  consent_required: ended('consent_required'),
  bad_token: ended('bad_token'),
  token_expired: ended('token_expired'),
  basic_action: ended('basic_action'),
  user_password_expired: ended('user_password_expired'),
  client_mismatch: ended('client_mismatch'),
  additional_action: { ...ended('additional_action'), hint: 'Follow the instructions of the sign-in page.' },
  message_only: { ...ended('message_only'), hint: 'Ask the administrator of the tenant: it blocks this sign-in.' },
  protection_policy_required: {
    ...ended('protection_policy_required'),
    hint: 'Ask the administrator of the tenant: it allows managed apps only.',
  },
  90094: { ...ended('admin_consent_required'), hint: 'Ask an administrator of the tenant to consent to the scopes.' },
  700016: misconfigured('Check clientId and tenant: the tenant does not know this app.'),
  7000215: misconfigured('Pass the value of the client secret, not its id.'),
  7000222: misconfigured('Create a new client secret in the Entra admin center: this one has expired.'),
  90002: misconfigured('Check the setting tenant: there is no such tenant.'),
  50194: misconfigured('Pass the id of the tenant as the setting tenant: the app belongs to one tenant only.'),
}

/** Additions of one service to Graph's errors: rows, and failures with a success status. */
export interface OwnErrors extends Pick<ErrorPlaces, 'refused'> {
  readonly rows?: ErrorTable['rows'] | undefined
}

/** Returns the table of errors by Graph's code, from the most specific one, with the rows that only one service has. */
export const graphErrors = ({ rows, ...places }: OwnErrors = {}): ErrorTable =>
  errorTable({ ...places, code: CODES, message: 'error.message' }, { ...graph, ...entra, ...rows })
