import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { whatsappCloud } from '../src/index.ts'
import type { WhatsappCloudTypes } from '../src/index.ts'

const settings = { phoneNumberId: '1', businessAccountId: '2' }
const mcp = createMcpClient({ connectors: { whatsapp: whatsappCloud({ token: 't', appSecret: 's', ...settings }) } })
const { whatsapp } = mcp.as('ada')
const to = '16315551181'

it('types calls from the schemas', () => {
  const sent = () => whatsapp.call('send_text_message', { to, body: 'Hello' })
  type Sent = Awaited<ReturnType<typeof sent>>
  expectTypeOf<Sent['messages'][number]['id']>().toEqualTypeOf<string>()
  expectTypeOf(whatsapp.call('mark_message_read', { message_id: 'm' })).resolves.toEqualTypeOf<{ success: boolean }>()
  expectTypeOf<WhatsappCloudTypes['events']['message']['from']>().toEqualTypeOf<string>()
})

it('rejects wrong calls and options', () => {
  // @ts-expect-error a text has a body
  void whatsapp.call('send_text_message', { to, text: 'Hello' })
  // @ts-expect-error an unknown type of a file
  void whatsapp.call('send_media_message', { to, type: 'gif', id: '1' })
  // @ts-expect-error an unknown option
  whatsappCloud({ phoneNumber: '1' })
  void whatsapp.connect({ token: 't' }, { settings })
})
