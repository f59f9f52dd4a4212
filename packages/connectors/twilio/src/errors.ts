import { errorTable } from '@mcpclient/core/define'

// Advice for the most frequent codes. The HTTP status says what kind of failure it is. Each code has a page, such as
// https://www.twilio.com/docs/api/errors/21211
export const errors = errorTable(
  { code: 'code', message: 'message' },
  {
    20003: {
      code: 'MCP_AUTHENTICATION_FAILURE',
      hint: 'Check the credential. An API key is for its own account, and only a Main key reads the account itself.',
    },
    20009: { hint: 'Wait some minutes, then call it again: Twilio has not finished processing it.' },
    // Twilio documents that it never processes a request that it rejects with this code.
    20429: { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true },
    '21211 21217': {
      hint: 'Pass the number in E.164, such as +14155550100: digits only, with the country code.',
    },
    21212: { hint: 'Pass from as a number in E.164, a short code or a sender ID of the account.' },
    21210: { hint: 'Call from a number of the account, or from one that it has verified as a caller id.' },
    21215: { hint: 'Enable the region of the recipient under Voice > Settings > Geo permissions in the Console.' },
    21220: { hint: 'Check the status with get_call: the call has ended, or has not begun.' },
    21408: { hint: 'Enable the region of the recipient under Messaging > Settings > Geo permissions in the Console.' },
    '21606 21659 21660': { hint: 'Send from a number that list_phone_numbers returns with capabilities.sms.' },
    '21219 21608': {
      hint: 'Verify the number of the recipient, or upgrade the account: trials reach verified numbers only.',
    },
    21610: { hint: 'Do not send to this number again: its user replied STOP, and has to send START first.' },
    '21614 21635': { hint: 'Send to a mobile number: this one is a landline, or not valid.' },
    21654: { hint: 'Pass content_sid with content_variables.' },
    21655: { hint: 'Check content_sid: this account has no such template.' },
    21656: { hint: 'Pass a value that is not empty for each variable of the template.' },
    '21703 21704': { hint: 'Add a number to the messaging service in the Console.' },
    21705: { hint: 'Check messaging_service_sid: this account has no such messaging service.' },
    30409: { hint: 'Check the status with get_message: only a message that is scheduled can be canceled.' },
    '35114 35115 35117': { hint: 'Pass a send_at that is more than 5 minutes and at most 35 days ahead.' },
  },
)
