import { createMcpClient } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { instagram } from '../src/index.ts'

const start = (replies: readonly ScriptedReply[]) => {
  const transport = scriptedTransport(replies)
  const connectors = { instagram: instagram({ token: 'IGAA' }) }
  const mcp = createMcpClient({ connectors, transport, retry: { attempts: 1 } })
  return { transport, ada: mcp.as('ada').instagram }
}

describe('publishing', () => {
  it.each([
    ['IN_PROGRESS', 'get_container_status'],
    ['EXPIRED', 'Create another container'],
    ['PUBLISHED', 'list_media'],
    ['ERROR', 'Correct the file'],
  ])('sends nothing for a container with the status %s', async (status_code, advice) => {
    const { ada, transport } = start([{ json: { id: '17', status_code, status: 'Why' } }])
    const error = await errorOf(ada.call('publish_media', { creation_id: '17' }))
    expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { outcome: 'not_processed' } })
    expect(error.advice).toContain(advice)
    expect(transport.requests.map(({ method }) => method)).toEqual(['GET'])
  })

  it('is not repeated if the response is lost', async () => {
    const { ada } = start([{ json: { id: '17', status_code: 'FINISHED' } }, { status: 500, json: {} }])
    const error = await errorOf(ada.call('publish_media', { creation_id: '17' }))
    expect(error).toMatchObject({ code: 'MCP_SERVER_ERROR', details: { outcome: 'unknown', completedSteps: 1 } })
  })
})

describe('an error', () => {
  const codeOf = async (code: number, error_subcode: number) => {
    const { ada } = start([
      { status: 400, json: { error: { message: 'No.', type: 'OAuthException', code, error_subcode } } },
    ])
    const { code: ours, advice } = await errorOf(ada.call('reply_to_comment', { comment_id: '1', message: 'Yes' }))
    return [ours, advice]
  }

  it('is recognized by its subcode', async () => {
    expect(await codeOf(4, 2_207_051)).toEqual(['MCP_CLIENT_ERROR', expect.stringContaining('spam')])
    expect(await codeOf(4, 1)).toEqual(['MCP_RATE_LIMIT_EXCEEDED', expect.any(String)])
    expect(await codeOf(9, 2_207_042)).toEqual(['MCP_CLIENT_ERROR', expect.stringContaining('get_publishing_limit')])
    expect(await codeOf(-2, 2_207_020)).toEqual(['MCP_CLIENT_ERROR', expect.stringContaining('expired')])
    expect((await codeOf(-2, 2_207_003))[0]).toBe('MCP_SERVER_ERROR')
    expect((await codeOf(24, 2_207_006))[0]).toBe('MCP_CLIENT_ERROR')
  })
})

it.each([
  [{}],
  [{ image_url: 'https://marsh.example/a.jpg', video_url: 'https://marsh.example/a.mp4' }],
  [{ media_type: 'CAROUSEL', children: ['1'] }],
])('refuses the container %j', async (input) => {
  const { ada, transport } = start([])
  const call = ada.call('create_media_container', input as { image_url: string })
  expect((await errorOf(call)).code).toBe('INVALID_INPUT')
  expect(transport.requests).toEqual([])
})
