import { errorTable } from '@mcpclient/core/define'
import type { ErrorRow } from '@mcpclient/core/define'

const ended: ErrorRow = { code: 'MCP_AUTHENTICATION_FAILURE', hint: 'Connect the account again with connect().' }

// Source: https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling
export const errors = errorTable(
  { code: ['code', 'serviceErrorCode'], message: 'message' },
  {
    REVOKED_ACCESS_TOKEN: { ...ended, reason: 'revoked_by_user' },
    EXPIRED_ACCESS_TOKEN: ended,
    INVALID_ACCESS_TOKEN: ended,
    ACCESS_DENIED: {
      hint: 'Add the product of this API to the app, and its scope to scopes; check the role of the member.',
    },
    // Each version is active for a year.
    426: {
      code: 'CONFIGURATION_ERROR',
      hint: 'Pass a newer version to linkedin({ version }): this one is not active any more.',
    },
    // The limits of the app and of the member end with the day in UTC.
    429: { hint: 'Wait until midnight UTC: the limits of a day are used up, of the app or of this member.' },
  },
)
