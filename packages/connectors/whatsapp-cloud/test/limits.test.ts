import { createMcpClient } from '@mcpclient/core'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { whatsappCloud } from '../src/index.ts'

it('sends 45 messages at once to one user, and one in 6 seconds afterwards, but does not delay messages to others', async () => {
  const sent = { messaging_product: 'whatsapp', contacts: [], messages: [{ id: 'wamid.1' }] }
  const transport = scriptedTransport(() => ({ json: sent }))
  const clock = createFakeClock()
  const whatsapp = whatsappCloud({ token: 't', phoneNumberId: '106540352242922', businessAccountId: '102290129340398' })
  const mcp = createMcpClient({ connectors: { whatsapp }, clock, transport, limits: { whenLimited: 'refuse' } })
  const send = (to: string) => mcp.as('ada').whatsapp.call('send_text_message', { to, body: 'Hi' })
  for (let n = 0; n < 45; n++) await send('16315551181')
  const { code, details } = await errorOf(send('16315551181'))
  expect([code, details.retryAfterMs]).toEqual(['MCP_RATE_LIMIT_EXCEEDED', 6000])
  await send('16315551182')
  await clock.advance(6000)
  await send('16315551181')
  expect(transport.requests).toHaveLength(47)
})
