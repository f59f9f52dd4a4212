import { errorTable } from '@mcpclient/core/define'

// A reply of 4xx or 5xx says that the server has not accepted the message. The status of the response is made by the
// transport: 401 for credentials, 413 for the size, 503 for 4xx, 422 for 5xx. Source: RFC 5321, sections 4.2.1 and 4.2.5
const refused = { notProcessed: true } as const

export const errors = errorTable(
  { code: 'code', message: 'message' },
  {
    401: { ...refused, hint: 'Check the user name and the password. Some providers need an app password or OAuth.' },
    413: { ...refused, code: 'MCP_CLIENT_ERROR', hint: 'Send fewer or smaller attachments.' },
    422: { ...refused, code: 'MCP_CLIENT_ERROR', hint: 'Check the sender, the recipients and the content.' },
    503: refused,
    '450 451': { ...refused, code: 'MCP_SERVER_ERROR', hint: 'Send it again in some minutes: the server defers mail.' },
    452: { ...refused, code: 'MCP_SERVER_ERROR', hint: 'Send it later, or to fewer recipients.' },
    '550 553': {
      ...refused,
      code: 'MCP_CLIENT_ERROR',
      hint: 'Check the addresses, and that the account may send as from.',
    },
  },
)
