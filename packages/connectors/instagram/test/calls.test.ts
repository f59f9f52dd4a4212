import { createMcpClient } from '@mcpclient/core'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { instagram } from '../src/index.ts'

const start = (replies: readonly ScriptedReply[]) => {
  const transport = scriptedTransport(replies)
  const connectors = { instagram: instagram({ token: 'IGAA' }) }
  const clock = createFakeClock()
  const mcp = createMcpClient({ connectors, transport, clock, retry: { attempts: 1 } })
  return { transport, clock, ada: mcp.as('ada').instagram }
}

describe('publishing', () => {
  it.each([
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

  const inProgress = { json: { id: '17', status_code: 'IN_PROGRESS' } }

  it('waits for a container that Instagram still prepares', async () => {
    const { ada, clock } = start([
      inProgress,
      inProgress,
      { json: { id: '17', status_code: 'FINISHED' } },
      { json: { id: '18' } },
    ])
    expect(await clock.until(ada.call('publish_media', { creation_id: '17' }))).toEqual({ id: '18' })
    expect(clock.monotonic()).toBe(15_000)
  })

  it('fails after a minute, and publishes nothing', async () => {
    const { ada, clock, transport } = start(Array.from({ length: 5 }, () => inProgress))
    const error = await clock.until(errorOf(ada.call('publish_media', { creation_id: '17' })))
    expect(error).toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      details: { outcome: 'not_processed', retryAfterMs: 60_000 },
    })
    expect(error.advice).toContain('get_container_status')
    expect(clock.monotonic()).toBe(60_000)
    expect(transport.requests.every(({ method }) => method === 'GET')).toBe(true)
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
  [{ children: ['1', '2'] }],
  [{ video_url: 'https://marsh.example/a.mp4' }],
  [{ media_type: 'REELS', image_url: 'https://marsh.example/a.jpg' }],
])('refuses the container %j', async (input) => {
  const { ada, transport } = start([])
  const call = ada.call('create_media_container', input as { image_url: string })
  expect((await errorOf(call)).code).toBe('INVALID_INPUT')
  expect(transport.requests).toEqual([])
})
