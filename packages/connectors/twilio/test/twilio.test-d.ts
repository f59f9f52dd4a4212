import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { twilio, twilioApiKey } from '../src/index.ts'

const account = 'AC08e40a7c0ffee5ea5e0b1d5a11ce0001'
const connectors = {
  twilio: twilio({ accountSid: account, authToken: 'x', from: '+15005550006', signingSecret: ['new', 'old'] }),
  key: twilioApiKey({ apiKeySid: 'SK1', apiKeySecret: 'x', account }),
}
const mcp = createMcpClient({ connectors })
const ada = mcp.as('ada')
const to = '+14155550100'

it('types calls from the schemas', () => {
  expectTypeOf(ada.twilio.call('send_sms', { to, body: 'Hi' })).resolves.toHaveProperty('sid')
  expectTypeOf(ada.key.call('delete_message', { sid: 'SM1' })).resolves.toEqualTypeOf<{ deleted: true }>()
  const listed = () => ada.twilio.call('list_messages', { to })
  type Message = Awaited<ReturnType<typeof listed>>['messages'][number]
  expectTypeOf<Message['error_code']>().toEqualTypeOf<number | undefined>()
})

it('rejects wrong calls', () => {
  // @ts-expect-error the fields of a credential have Twilio's names
  twilio({ username: account, password: 'x' })
  // @ts-expect-error unknown setting
  twilio({ accountSid: account, sender: to })
  // @ts-expect-error the recipient is required
  void ada.twilio.call('send_sms', { body: 'Hi' })
  // @ts-expect-error the names are those of resources, not of the SDK
  void ada.twilio.call('send_sms', { to, messagingServiceSid: 'MG1' })
  // @ts-expect-error sending is no reading
  void ada.twilio.getData('send_sms', { to, body: 'Hi' })
  // @ts-expect-error a call cannot be paused
  void ada.twilio.call('end_call', { sid: 'CA1', status: 'paused' })
})

it('types events from their schemas', () => {
  mcp.on('twilio.message_received', ({ tenant, data }) => {
    expectTypeOf(tenant).toEqualTypeOf<string | undefined>()
    expectTypeOf(data.body).toEqualTypeOf<string | undefined>()
    expectTypeOf(data.media).toEqualTypeOf<{ url: string; content_type?: string | undefined }[]>()
  })
  // @ts-expect-error there is no such event
  mcp.on('twilio.message_sent', () => undefined)
})

it('has a secret beside an API key, and none beside the auth token', () => {
  void ada.key.connect({ apiKeySid: 'SK1', apiKeySecret: 'x', signingSecret: 'auth-token' })
  void ada.twilio.connect({ accountSid: account, authToken: 'x' })
  // @ts-expect-error the auth token is the secret
  void ada.twilio.connect({ accountSid: account, authToken: 'x', signingSecret: 'y' })
})
