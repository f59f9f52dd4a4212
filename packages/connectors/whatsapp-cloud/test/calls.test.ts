import { createMcpClient } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { whatsappCloud } from '../src/index.ts'

const file = { to: '16315551181', id: '1' }

it.each([
  ['send_media_message', { ...file, type: 'audio', caption: 'A song' }, 'caption'],
  ['send_media_message', { ...file, type: 'image', filename: 'a.jpg' }, 'filename'],
  ['send_media_message', { ...file, type: 'image', link: 'https://marsh.example/a.jpg' }, ''],
  ['send_text_message', { to: '+1 (631) 555-1181', body: 'Hi' }, 'to'],
  ['delete_media', { media_id: '../1' }, 'media_id'],
])('refuses an input of %s before anything is sent: %j', async (tool, input, path) => {
  const transport = scriptedTransport([])
  const whatsapp = whatsappCloud({ token: 'EAAJ', phoneNumberId: '1', businessAccountId: '2' })
  const mcp = createMcpClient({ connectors: { whatsapp }, transport })
  const error = await errorOf(mcp.client('whatsapp', 'ada').invoke(tool, input))
  expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path }] } })
  expect(transport.requests).toEqual([])
})
