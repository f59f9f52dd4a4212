import { errorTable } from '@mcpclient/core/define'
import type { ErrorPlaces, ErrorRow, ErrorTable } from '@mcpclient/core/define'

// A request that exceeds a quota is not processed: Google's advice is to send it again later, whatever its method.
const limited: ErrorRow = { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true }
const disabled: ErrorRow = {
  code: 'CONFIGURATION_ERROR',
  hint: "Enable the API for the app's project in the Google Cloud console, and wait a few minutes.",
}
const unscoped: ErrorRow = { hint: 'Connect the account again, and grant every scope that the connector asks for.' }

const missing: ErrorRow = { hint: 'Check the ids. The account may not see this item.' }

/** The places of a reason: of older APIs, of newer ones (google.rpc.ErrorInfo), and of the token endpoint. */
const REASONS = [
  'error.errors.0.reason',
  'error.details.0.reason',
  'error.details.1.reason',
  'error.details.2.reason',
  'error.status',
  'error',
]

// The status of an error does not decide: a 403 may be a rate limit, and a 410 an expired token or a deleted item.
// Source: https://developers.google.com/workspace/calendar/api/guides/errors
const rows: ErrorTable['rows'] = {
  authError: { code: 'MCP_AUTHENTICATION_FAILURE' },
  userRateLimitExceeded: limited,
  rateLimitExceeded: limited,
  quotaExceeded: limited,
  // The limit of the project, for all of its users.
  dailyLimitExceeded: { ...limited, blocks: 'app' },
  429: limited,
  insufficientPermissions: unscoped,
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: unscoped,
  accessNotConfigured: disabled,
  SERVICE_DISABLED: disabled,
  forbidden: { hint: 'Check that the account may do this: the owner may have to share it.' },
  notFound: missing,
  NOT_FOUND: missing,
  deleted: { hint: 'Do nothing: it was deleted before.' },
  conditionNotMet: { hint: 'Read the item again: it has changed since this etag.' },
  duplicate: { hint: 'Read the item with this id: it exists.' },
  fullSyncRequired: { hint: 'List everything again without a sync token.' },
  updatedMinTooLongAgo: { hint: 'List everything again without a sync token.' },
  EXPIRED_SYNC_TOKEN: { hint: 'List everything again without a sync token.' },
  deleted_client: {
    code: 'CONFIGURATION_ERROR',
    hint: 'Create a new OAuth client in the Google Cloud console: this one was deleted.',
  },
}

/** Additions of one service to Google's errors: rows, the path of its own codes, and failures with a success status. */
export interface OwnErrors extends Pick<ErrorPlaces, 'refused'> {
  readonly code?: string | undefined
  readonly rows?: ErrorTable['rows'] | undefined
}

/** Returns the table of Google's errors by their `reason`, with the rows that only one service has. */
export const googleErrors = ({ code, rows: own, ...places }: OwnErrors = {}): ErrorTable =>
  errorTable({ ...places, code: code === undefined ? REASONS : [...REASONS, code] }, { ...rows, ...own })
