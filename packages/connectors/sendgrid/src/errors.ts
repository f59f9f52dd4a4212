import { errorTable, valueAt } from '@mcpclient/core/define'

const says = (body: unknown, words: string): boolean =>
  String(valueAt(body, 'errors.0.message')).toLowerCase().includes(words)

// SendGrid's errors have no codes, so the HTTP status decides, and twice the words of the message.
// Source: https://support.sendgrid.com/hc/en-us/articles/18322114821403-4XX-API-Errors-and-Troubleshooting-Suggestions
export const errors = errorTable(
  { message: 'errors.0.message' },
  {
    401: (body) =>
      says(body, 'maximum credits exceeded')
        ? { code: 'QUOTA_EXCEEDED', hint: "Wait until the plan's credits renew, or upgrade the plan." }
        : { hint: 'Check the API key, and the setting region: a key is valid in its own region only.' },
    403: (body) =>
      says(body, 'sender identity')
        ? { hint: 'Verify the address of from in SendGrid, or send from a verified one.' }
        : { hint: 'Give the API key the scope of this tool: list_scopes returns those that it has.' },
    413: { hint: 'Send fewer or smaller attachments: an e-mail has at most 30 MB in all.' },
    // No request is made against an endpoint after its limit.
    // Source: https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits
    429: { notProcessed: true },
  },
)
