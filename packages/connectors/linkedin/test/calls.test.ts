import { createMcpClient } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { linkedin } from '../src/index.ts'
import { little } from '../src/requests.ts'

function start(script: readonly ScriptedReply[], settings: Parameters<typeof linkedin>[0] = {}) {
  const transport = scriptedTransport(script)
  const connectors = { linkedin: linkedin({ token: 'canary', ...settings }) }
  const mcp = createMcpClient({ connectors, transport, retry: { attempts: 1 } })
  return { ada: mcp.as('ada').linkedin, client: mcp.client('linkedin', 'ada'), transport }
}
const author = 'urn:li:person:8hYz'
const post = 'urn:li:share:1'

describe("LinkedIn's little format", () => {
  it.each([
    ['reserved characters', 'a (b) [c] {d} <e> | @ * _ ~ \\', String.raw`a \(b\) \[c\] \{d\} \<e\> \| \@ \* \_ \~ \\`],
    ['a lone hash', 'C# and # 1', String.raw`C\# and \# 1`],
    ['an unfinished mention', '@[Ada](urn:li:other:1)', String.raw`\@\[Ada\]\(urn:li:other:1\)`],
    ['a mention whose name would end it', '@[A](x)](urn:li:person:1)', String.raw`\@\[A\]\(x\)\]\(urn:li:person:1\)`],
  ])('escapes %s', (_what, text, escaped) => {
    expect(little(text)).toBe(escaped)
  })

  it.each([
    ['a hashtag with an underscore', '#tide_table'],
    ['a hashtag of another script', '#潮'],
    ['a mention', 'With @[Heron Ltd](urn:li:organization:2414183) today'],
    ['a hashtag template', '{hashtag|#|herons}'],
    ['other text', 'Low tide: 6.30, "north" & south!\nBring boots.'],
  ])('keeps %s', (_what, text) => {
    expect(little(text)).toBe(text)
  })
})

describe('a request', () => {
  it('names the version of the settings', async () => {
    const { ada, transport } = start([{ json: { id: post, author } }], { version: '202601' })
    await ada.call('get_post', { post })
    expect(transport.requests[0]?.headers['linkedin-version']).toBe('202601')
  })

  it.each([
    ['get_post', 'a number', { post: '1' }],
    ['get_post', 'a URN of another kind', { post: 'urn:li:person:1' }],
    ['get_post', 'a URN with the syntax of Rest.li', { post: 'urn:li:share:(1,2)' }],
    ['create_post', 'an author who is no URN', { author: 'ada', commentary: 'Hi' }],
    ['create_post', 'no content', { author, commentary: '' }],
    ['create_post', 'a text of 3,001 characters', { author, commentary: 'x'.repeat(3001) }],
    [
      'create_post',
      'an article and an image',
      { author, commentary: '', article: { source: 'https://a.example', title: 'A' }, image: { id: 'urn:li:image:1' } },
    ],
    ['list_posts', 'a page of 101', { author, count: 101 }],
    ['upload_image', 'a video', { owner: author, content_base64: 'AAEC', content_type: 'video/mp4' }],
  ])('is refused by %s with %s', async (tool, _what, input) => {
    const { client, transport } = start([])
    expect((await errorOf(client.invoke(tool, input))).code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })

  it('creates a post whose id is in a header, and fails without it', async () => {
    const { ada } = start([{ status: 201, headers: { 'x-restli-id': post } }, { status: 201 }])
    expect(await ada.call('create_post', { author, commentary: 'Hi' })).toEqual({ id: post })
    const error = await errorOf(ada.call('create_post', { author, commentary: 'Hi' }))
    expect(error).toMatchObject({ code: 'DATA_TRANSFORMATION_ERROR', details: { outcome: 'unknown' } })
  })

  it('uploads an image to hosts of LinkedIn only', async () => {
    const value = { uploadUrl: 'https://evil.example/upload', image: 'urn:li:image:1' }
    const { ada, transport } = start([{ json: { value } }])
    const error = await errorOf(ada.call('upload_image', { owner: author, content_base64: 'AAEC' }))
    expect(error.code).toBe('PERMISSION_DENIED')
    expect(transport.requests).toHaveLength(1)
  })
})

it('marks where a post appears, and what members wrote', async () => {
  const tools = await start([]).ada.listTools()
  const marks = (name: string) => tools.find((each) => each.name === name)
  expect(marks('create_post')?.inputMarks).toEqual([{ path: ['author'], destination: 'channel' }])
  expect(marks('get_post')?.outputMarks).toContainEqual({ path: ['commentary'], untrusted: true, private: true })
})

describe('an error', () => {
  const said = (status: number, json: object) => errorOf(start([{ status, json }]).ada.call('get_post', { post }))

  it.each([
    [401, 'REVOKED_ACCESS_TOKEN', 'MCP_AUTHENTICATION_FAILURE', 'Check the credential'],
    [403, 'ACCESS_DENIED', 'MCP_CLIENT_ERROR', 'product'],
    [426, 'NONEXISTENT_VERSION', 'CONFIGURATION_ERROR', 'version'],
    [429, 'TOO_MANY_REQUESTS', 'MCP_RATE_LIMIT_EXCEEDED', 'midnight'],
  ])('has the meaning of its code: %i %s is %s', async (status, code, expected, advice) => {
    const error = await said(status, { status, code, message: 'No.' })
    expect(error).toMatchObject({ code: expected, details: { providerCode: code } })
    expect(error.advice).toContain(advice)
  })
})
