import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { gmail } from '../src/index.ts'

const TOKEN = 'ya29.canary-heron'
const mail = { to: ['bo@marshes.example'], subject: 'Count', text: '12 egrets' }
const sent = { json: { id: 'm1', threadId: 'm1', labelIds: ['SENT'] } }

function start(script: readonly ScriptedReply[]) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { mail: gmail({ token: TOKEN }) },
    vault: vault(),
    transport,
    clock,
    random: () => 0.5,
  })
  return { ada: mcp.as('ada').mail, clock, transport }
}

const reason = (status: number, word: string) => ({
  status,
  json: { error: { errors: [{ reason: word, message: 'Words.' }], code: status, message: 'Words.' } },
})
const encoded = (text: string, charset: BufferEncoding = 'utf8') => Buffer.from(text, charset).toString('base64url')
/** Parses the message of a request. */
async function parsed(body: unknown) {
  const { raw = '', threadId } = (body ?? {}) as { readonly raw?: string; readonly threadId?: string }
  return { threadId, ...(await new PostalMime().parse(Buffer.from(raw, 'base64url'))) }
}
const address = (n: number) => `bird${n}@marshes.example`

describe('sending', () => {
  it('sends a message that a mail reader understands', async () => {
    const { ada, transport } = start([sent])
    await ada.call('send_email', {
      ...mail,
      to: [{ email: 'bo@marshes.example', name: 'Bö Reed' }],
      cc: ['cy@marshes.example'],
      replyTo: ['list@marshes.example'],
      subject: 'Zählung',
      html: '<p>12 egrets</p>',
    })
    expect(await parsed(transport.requests[0]?.json)).toMatchObject({
      to: [{ address: 'bo@marshes.example', name: 'Bö Reed' }],
      cc: [{ address: 'cy@marshes.example' }],
      replyTo: [{ address: 'list@marshes.example' }],
      subject: 'Zählung',
      text: expect.stringContaining('12 egrets') as string,
      html: expect.stringContaining('<p>12 egrets</p>') as string,
    })
  })

  it.each([
    ['a server error', reason(503, 'backendError')],
    ['a broken response', { text: '{"id":' }],
  ] as const)('is not repeated after %s', async (_what, reply) => {
    const { ada, clock, transport } = start([reply])
    const error = await errorOf(clock.until(ada.call('send_email', mail)))
    expect(error.details.outcome).toBe('unknown')
    expect(transport.requests).toHaveLength(1)
  })

  it('is repeated if Gmail refused it for its rate', async () => {
    const { ada, clock, transport } = start([reason(429, 'rateLimitExceeded'), sent])
    expect(await clock.until(ada.call('send_email', mail))).toMatchObject({ id: 'm1' })
    transport.verify()
  })

  it('counts 500 recipients of all kinds, and refuses one more', async () => {
    const { ada, transport } = start([sent])
    const to = Array.from({ length: 300 }, (_, n) => address(n))
    const bcc = Array.from({ length: 200 }, (_, n) => address(300 + n))
    await ada.call('send_email', { ...mail, to, bcc })
    const error = await errorOf(ada.call('send_email', { ...mail, to, bcc, cc: ['one@more.example'] }))
    expect(error.code).toBe('INVALID_INPUT')
    expect(transport.requests).toHaveLength(1)
  })

  it.each([
    ['no recipient', { ...mail, to: [] }],
    ['no content', { to: mail.to, subject: 'Count' }],
    ['a line break in the subject', { ...mail, subject: 'Count\r\nBcc: eve@example.com' }],
    ['a line break in a name', { ...mail, to: [{ email: 'bo@marshes.example', name: 'Bo\nBcc: eve@example.com' }] }],
    ['an address that is none', { ...mail, to: ['bo'] }],
    ['two addresses in one', { ...mail, to: ['bo@marshes.example, eve@example.com'] }],
    ['bytes that are no base64', { ...mail, attachments: [{ filename: 'a', content: '%%%' }] }],
    [
      'a media type with a line break',
      { ...mail, attachments: [{ filename: 'a', content: 'AAAA', contentType: 'text/plain\r\nX: 1' }] },
    ],
    ['a Message-ID with a line break', { ...mail, inReplyTo: '<a@b>\r\nX: 1' }],
  ])('is refused with %s', async (_what, input) => {
    const { ada, transport } = start([])
    expect((await errorOf(ada.call('send_email', input))).code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })
})

describe('a reply', () => {
  const original = (headers: Readonly<Record<string, string>>) => ({
    json: {
      id: 'm0',
      threadId: 't0',
      payload: { headers: Object.entries(headers).map(([name, value]) => ({ name, value })) },
    },
  })
  const reply = { messageId: 'm0', to: ['bo@marshes.example'], text: 'Thanks' }

  it('is in the conversation, and refers to the whole of it', async () => {
    const headers = { 'Message-Id': '<b@x>', References: '<a@x>\r\n <b@x>', Subject: 'Re: Count' }
    const { ada, transport } = start([original(headers), sent])
    await ada.call('reply_to_message', reply)
    expect(await parsed(transport.requests[1]?.json)).toMatchObject({
      threadId: 't0',
      subject: 'Re: Count',
      inReplyTo: '<b@x>',
      references: '<a@x> <b@x>',
    })
  })

  it('goes to the recipients of the input only', async () => {
    const headers = {
      'Message-ID': '<b@x>',
      From: 'eve@example.com',
      'Reply-To': 'eve@example.com',
      Cc: 'cy@example.com',
    }
    const { ada, transport } = start([original(headers), sent])
    await ada.call('reply_to_message', reply)
    const { to, cc } = await parsed(transport.requests[1]?.json)
    expect([to, cc]).toMatchObject([[{ address: 'bo@marshes.example' }], undefined])
  })

  it('has no headers of a reply if the original has no Message-ID', async () => {
    const { ada, transport } = start([original({ Subject: 'Count' }), sent])
    await ada.call('reply_to_message', { ...reply, subject: 'Another' })
    const { inReplyTo, references, subject } = await parsed(transport.requests[1]?.json)
    expect([inReplyTo, references, subject]).toEqual([undefined, undefined, 'Another'])
  })
})

describe('a message', () => {
  const get = async (payload: unknown, more: object = {}) => {
    const { ada } = start([{ json: { id: 'm1', threadId: 't1', payload, ...more } }])
    return ada.call('get_message', { messageId: 'm1' })
  }
  const leaf = (mimeType: string, text: string, headers: readonly unknown[] = [], charset?: BufferEncoding) => ({
    mimeType,
    filename: '',
    headers,
    body: { size: text.length, data: encoded(text, charset) },
  })

  it('has its only text', async () => {
    expect(await get(leaf('text/plain', 'Zwölf 🐦'))).toMatchObject({ text: 'Zwölf 🐦', attachments: [] })
  })

  it('has a text in another charset', async () => {
    const headers = [{ name: 'content-type', value: 'text/plain; charset="ISO-8859-1"' }]
    expect(await get(leaf('text/plain', 'Zwölf', headers, 'latin1'))).toMatchObject({ text: 'Zwölf' })
    const unknown = [{ name: 'Content-Type', value: 'text/plain; charset=x-no-such' }]
    expect(await get(leaf('text/plain', 'Zwölf', unknown, 'latin1'))).toMatchObject({ text: 'Zwölf' })
  })

  it('joins texts between attachments, and lists attachments at every depth', async () => {
    const file = { mimeType: 'text/plain', filename: 'a.txt', headers: [], body: { attachmentId: 'A', size: 3 } }
    const nested = {
      mimeType: 'multipart/mixed',
      filename: '',
      body: { size: 0 },
      parts: [file, leaf('text/plain', 'two')],
    }
    const message = await get({
      mimeType: 'multipart/mixed',
      filename: '',
      headers: [],
      body: { size: 0 },
      parts: [leaf('text/plain', 'one'), nested],
    })
    expect(message.text).toBe('one\ntwo')
    expect(message.attachments).toMatchObject([{ attachmentId: 'A', filename: 'a.txt' }])
  })

  it.each([
    ['a payload that is nothing', null],
    ['parts that are no list', { mimeType: 'multipart/mixed', parts: 'x', headers: 5 }],
    ['parts that are nothing', { mimeType: 'multipart/mixed', parts: [null, 1, {}], headers: [null, { name: 1 }] }],
    ['data that is no base64', { mimeType: 'text/plain', body: { size: 1, data: '%' } }],
  ])('is read with %s', async (_what, payload) => {
    expect(await get(payload)).toMatchObject({ id: 'm1', labelIds: [] })
  })

  it('is read with parts that are nested without an end', async () => {
    let part: object = leaf('text/plain', 'deep')
    for (let depth = 0; depth < 2000; depth++) part = { mimeType: 'multipart/mixed', parts: [part] }
    expect(await get(part)).toMatchObject({ id: 'm1' })
  })

  it('marks what others wrote', async () => {
    const { ada } = start([])
    const tools = await ada.listTools()
    const marked = tools.find(({ name }) => name === 'get_message')?.outputMarks ?? []
    const untrusted = marked.filter(({ untrusted: is }) => is === true).map(({ path }) => path.join('.'))
    expect(untrusted).toEqual(
      expect.arrayContaining([
        'snippet',
        'subject',
        'from',
        'to',
        'cc',
        'replyTo',
        'text',
        'html',
        'attachments.*.filename',
      ]),
    )
    const inputs = tools.find(({ name }) => name === 'send_email')?.inputMarks
    expect(inputs?.map(({ path, destination }) => [path.join('.'), destination])).toEqual(
      ['to', 'cc', 'bcc', 'replyTo'].map((name) => [name, 'recipient']),
    )
  })
})

describe('a search', () => {
  it('leaves out what was deleted after it was listed', async () => {
    const list = { json: { messages: [{ id: 'm1' }, { id: 'm2' }] } }
    const { ada } = start([list, { json: { id: 'm1', threadId: 't1' } }, reason(404, 'notFound')])
    const { messages } = await ada.call('search_messages', { q: 'egret' })
    expect(messages.map(({ id }) => id)).toEqual(['m1'])
  })

  it('fails if a message cannot be read', async () => {
    const list = { json: { messages: [{ id: 'm1' }] } }
    const { ada, clock } = start([list, ...Array.from({ length: 9 }, () => reason(403, 'insufficientPermissions'))])
    const error = await errorOf(clock.until(ada.call('search_messages', { q: 'egret' })))
    expect(error.details.providerCode).toBe('insufficientPermissions')
  })
})

describe('the quota', () => {
  it('counts the units of each request, and delays what exceeds them', async () => {
    const script = Array.from({ length: 151 }, () => sent)
    const { ada, clock, transport } = start(script)
    // 150 messages of 100 units are the 15,000 units of a minute.
    const calls = script.map(() => ada.call('send_email', mail))
    await clock.advance(0)
    expect(transport.requests).toHaveLength(150)
    await clock.until(Promise.all(calls))
    transport.verify()
  })
})

describe('connecting', () => {
  it('reads the account from the profile', async () => {
    const profile = { emailAddress: 'ada@marshes.example', messagesTotal: 1, threadsTotal: 1, historyId: '1' }
    const { ada, transport } = start([{ json: profile }])
    const mcp = createMcpClient({ connectors: { mail: gmail() }, vault: vault(), transport, clock: createFakeClock() })
    expect(await mcp.as('ada').mail.connect({ token: TOKEN })).toEqual({
      status: 'connected',
      account: { id: 'ada@marshes.example', name: 'ada@marshes.example' },
    })
    expect(ada).toBeDefined()
  })

  it('asks for the narrowest scopes of all tools', () => {
    const short = gmail.profile.auth.flow?.scopes.map((scope) => scope.replace(/^.*\/auth\//, ''))
    expect(short).toEqual(['openid', 'gmail.modify'])
  })
})
