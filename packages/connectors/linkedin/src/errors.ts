import { errorTable } from '@mcpclient/core/define'

// A token that has ended has the status 401, with codes such as REVOKED_ACCESS_TOKEN.
// Source: https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling
export const errors = errorTable(
  { code: ['code', 'serviceErrorCode'], message: 'message' },
  {
    ACCESS_DENIED: {
      hint: 'Add the product of this API to the app, and its scope to scopes; check the role of the member.',
    },
    // LinkedIn supports a version for a year. Source: https://learn.microsoft.com/linkedin/marketing/versioning
    426: {
      code: 'CONFIGURATION_ERROR',
      hint: 'Pass a newer version to linkedin({ version }): this one is not active any more.',
    },
    // Source: https://learn.microsoft.com/linkedin/shared/api-guide/concepts/rate-limits
    429: { hint: 'Wait before you repeat it: the limits of a day, of the app and of the member, end at midnight UTC.' },
  },
)
