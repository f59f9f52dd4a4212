import { createMcpClient } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { facebook } from '../src/index.ts'

const start = (options: object = {}) => {
  const transport = scriptedTransport([{ json: { id: '1' } }])
  const mcp = createMcpClient({ connectors: { facebook: facebook({ token: 'EAAJ', ...options }) }, transport })
  return { transport, ada: mcp.as('ada').facebook }
}

describe('a page', () => {
  it('is the one of the token by default', async () => {
    const { ada, transport } = start()
    await ada.call('create_post', { message: 'Hello' })
    expect(transport.requests[0]).toMatchObject({ url: 'https://graph.facebook.com/v25.0/me/feed' })
  })

  it('is called with the version of the settings', async () => {
    const { ada, transport } = start({ version: 'v26.0', pageId: '4417' })
    await ada.call('create_post', { message: 'Hello' })
    expect(transport.requests[0]).toMatchObject({ url: 'https://graph.facebook.com/v26.0/4417/feed' })
  })
})

describe('an input', () => {
  it.each([
    ['create_post', {}],
    ['create_post', { message: 'Hello', scheduled_publish_time: 1_764_590_400_000 }],
    ['upload_photo', { caption: 'A heron' }],
    ['upload_photo', { url: 'https://marsh.example/heron.jpg', content_base64: '/9j/4A==' }],
    ['get_post', { post_id: '../me' }],
  ])('is refused by %s before anything is sent: %j', async (tool, input) => {
    const { transport } = start()
    const mcp = createMcpClient({ connectors: { facebook: facebook({ token: 'EAAJ' }) }, transport })
    const error = await errorOf(mcp.client('facebook', 'ada').invoke(tool, input))
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    expect(transport.requests).toEqual([])
  })
})
