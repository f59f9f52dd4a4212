import { errorTable } from '@mcpclient/core/define'

// Asana's errors have no codes: the status and the message are what there is.
// Source: https://developers.asana.com/docs/errors
export const errors = errorTable(
  { message: 'errors.0.message' },
  {
    402: { hint: 'Upgrade the workspace: its plan does not include this.' },
    403: { hint: 'Give the token the scope that the message names, or ask for access to the object.' },
    404: { hint: 'Check the gid, and that this user can see the object.' },
    // A rejected request is not processed, and counts against the limit. Source: https://developers.asana.com/docs/rate-limits
    429: { notProcessed: true },
    451: { hint: 'Ask Asana: the object is not available for legal reasons.' },
  },
)
