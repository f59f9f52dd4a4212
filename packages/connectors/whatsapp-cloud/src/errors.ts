import type { ErrorRow } from '@mcpclient/core/define'
import { graphErrors } from '@mcpclient/meta'

// Meta did not accept the message.
const limited: ErrorRow = { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true }
const template: ErrorRow = { hint: 'Call list_templates: check the name, the language and the number of parameters.' }
const temporary: ErrorRow = { code: 'MCP_SERVER_ERROR', hint: 'Try again later.' }

// Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
export const errors = graphErrors({
  // It says which parameter is wrong, where the message says only that one is.
  message: 'error.error_data.details',
  rows: {
    130_429: limited,
    // One message in 6 seconds to the same recipient. No scope covers one recipient, so the calls of the tool wait.
    // Source: https://developers.facebook.com/docs/whatsapp/cloud-api/overview
    131_056: { ...limited, retryAfterMs: 6000, blocks: 'method' },
    131_048: { hint: 'Check the quality of the number in WhatsApp Manager: too many users blocked its messages.' },
    '131000 131016 131057 133004': temporary,
    131_005: { hint: 'Give the system user the permission whatsapp_business_messaging.' },
    131_021: { hint: 'Send it to another number than the one that sends.' },
    131_026: { hint: 'Check the number: it has no WhatsApp, an old version, or did not accept the terms.' },
    131_030: { hint: 'Add the recipient to the allowed numbers of the test number, or use another number.' },
    131_031: { hint: 'Open WhatsApp Manager: Meta locked the account.' },
    131_042: { hint: 'Open the payment settings of the WhatsApp Business account.' },
    131_047: { hint: 'Use send_template_message: the recipient wrote more than 24 hours ago.' },
    131_049: { hint: 'Do not send it again now: Meta limits marketing messages to each user.' },
    131_051: { hint: 'Send another type of message.' },
    131_052: { hint: 'Ask the sender to send the file in another way: Meta could not download it.' },
    131_053: { hint: 'Check the type and the size of the file.' },
    '132000 132001 132005 132012': template,
    132_015: { hint: 'Improve the template, or use another one: it is paused for its low quality.' },
    132_016: { hint: 'Create another template: this one was disabled for its low quality.' },
    133_010: { hint: 'Register the phone number in WhatsApp Manager first.' },
  },
})
