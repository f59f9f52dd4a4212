import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { outlookMail } from '../src/index.ts'

const TOKEN = 'eyJ0.canary-heron'
const MAIL = { to: ['bo@marshes.example'], subject: 'Count', text: '12 egrets.' }

function start(script: readonly ScriptedReply[]) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { mail: outlookMail({ token: TOKEN }) },
    vault: vault(),
    transport,
    clock,
    random: () => 0.5,
  })
  return { ada: mcp.as('ada').mail, clock, mcp, transport }
}

const failure = (status: number, code: string) => ({ status, json: { error: { code, message: 'Words.' } } })
const parameterOf = (url: string | undefined, name: string) => new URL(url ?? '').searchParams.get(name)

describe('sending', () => {
  it.each([
    ['send_email', MAIL],
    ['reply_to_message', { messageId: 'm1', text: 'Thanks.' }],
    ['forward_message', { messageId: 'm1', to: ['bo@marshes.example'] }],
    ['send_draft', { draftId: 'm1' }],
  ] as const)('is never repeated after a response that was lost: %s', async (tool, input) => {
    const { mcp, clock, transport } = start([{ status: 503, json: {} }])
    const error = await errorOf(clock.until(mcp.client('mail', 'ada').invoke(tool, input)))
    expect(error).toMatchObject({ retryable: false, details: { outcome: 'unknown' } })
    expect(transport.requests).toHaveLength(1)
  })

  it('is repeated after Graph has throttled it, because then it was not processed', async () => {
    const { ada, clock, transport } = start([failure(429, 'ApplicationThrottled'), { status: 202 }])
    expect(await clock.until(ada.call('send_email', MAIL))).toEqual({ accepted: true })
    transport.verify()
  })

  it('is cleared up by the id of the draft, which stays the same', async () => {
    const draft = { id: 'm1', isDraft: true }
    const { ada, clock, transport } = start([
      { status: 201, json: draft },
      { status: 504, json: {} },
      { json: { ...draft, isDraft: false, parentFolderId: 'sent' } },
    ])
    const { id } = await ada.call('create_draft', MAIL)
    expect(await errorOf(clock.until(ada.call('send_draft', { draftId: id })))).toMatchObject({
      details: { outcome: 'unknown' },
    })
    expect(await ada.call('get_message', { messageId: id })).toMatchObject({ isDraft: false })
    for (const { headers } of transport.requests) expect(headers['prefer']).toContain('IdType="ImmutableId"')
  })

  it.each([
    ['no recipient', { ...MAIL, to: [] }],
    ['an address that is none', { ...MAIL, to: ['bo'] }],
    ['a subject of two lines', { ...MAIL, subject: 'Count\r\nBcc: eve@reeds.example' }],
    ['neither text nor html', { to: MAIL.to, subject: MAIL.subject }],
    ['a file that is no base64', { ...MAIL, attachments: [{ filename: 'a', content: '***' }] }],
    [
      'files above 3 MB together',
      { ...MAIL, attachments: Array.from({ length: 2 }, () => ({ filename: 'a', content: 'AAAA'.repeat(600_000) })) },
    ],
    ['a Message-ID with a line break', { ...MAIL, inReplyTo: '<a@b>\r\nBcc: eve@reeds.example' }],
  ])('is refused with %s', async (_what, input) => {
    const { mcp, transport } = start([])
    const error = await errorOf(mcp.client('mail', 'ada').invoke('send_email', input))
    expect(error.code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })

  it('accepts files of 3 MB', async () => {
    const { ada } = start([{ status: 202 }])
    const attachments = [{ filename: 'a.bin', content: 'AAAA'.repeat(1_000_000) }]
    expect(await ada.call('send_email', { ...MAIL, attachments })).toEqual({ accepted: true })
  })

  it('a reply goes to all or to the given recipients, not to both', async () => {
    const { ada } = start([])
    const input = { messageId: 'm1', text: 'Thanks.', replyAll: true, cc: ['cy@marshes.example'] }
    expect((await errorOf(ada.call('reply_to_message', input))).code).toBe('INVALID_INPUT')
  })

  it.each([
    [
      'send_email',
      { ...MAIL, bcc: ['di@marshes.example'] },
      'Send "Count" to bo@marshes.example, di@marshes.example (1 in bcc).',
    ],
    ['reply_to_message', { messageId: 'm1', text: 'x' }, 'Reply to the message m1 to its sender.'],
    [
      'reply_to_message',
      { messageId: 'm1', text: 'x', replyAll: true },
      'Reply to the message m1 to all who are in it.',
    ],
    [
      'reply_to_message',
      {
        messageId: 'm1',
        text: 'x',
        to: [{ email: 'cy@marshes.example', name: 'Bo' }],
        attachments: [{ filename: 'a.csv', content: 'YQ==' }],
      },
      'Reply to the message m1 to cy@marshes.example with a.csv.',
    ],
    [
      'forward_message',
      { messageId: 'm1', to: ['cy@marshes.example'] },
      'Forward the message m1 to cy@marshes.example.',
    ],
    ['update_draft', { draftId: 'm1', to: ['cy@marshes.example'] }, 'Change to of the draft m1 to cy@marshes.example.'],
  ])('is shown with every recipient before: %s %j', (tool, input, sentence) => {
    const { input: schema, preview } = outlookMail.tools[tool] ?? {}
    const parsed = schema?.safeParse(input)
    if (parsed?.success !== true) throw new Error('The input does not fit.')
    expect(preview?.(parsed.data as never, {} as never)).toBe(sentence)
  })
})

describe('a list of messages', () => {
  const page = (id: string, next?: string) => ({ json: { value: [{ id }], '@odata.nextLink': next } })
  const NEXT = 'https://graph.microsoft.com/v1.0/me/mailFolders/inbox/messages?%24skiptoken=R0us%2Fmc'

  it('is one page unless the caller asks for more, and follows links as they are', async () => {
    const { ada, transport } = start([page('a', NEXT), page('a', NEXT), page('b')])
    expect(await ada.call('list_messages', {})).toEqual({ value: [{ id: 'a' }], complete: false })
    expect(await ada.call('list_messages', {}, { maxPages: 5 })).toEqual({
      value: [{ id: 'a' }, { id: 'b' }],
      complete: true,
    })
    expect(transport.requests[2]).toMatchObject({ url: NEXT, headers: { prefer: 'IdType="ImmutableId"' } })
  })

  it('has no filter without criteria, and in every other case the time first', async () => {
    const { ada, transport } = start([page('a'), page('a'), page('a')])
    await ada.call('list_messages', {})
    await ada.call('list_messages', { isFlagged: false, isRead: true })
    await ada.call('list_messages', { receivedAfter: '2026-11-01T00:00:00+01:00' })
    expect(transport.requests.map(({ url }) => parameterOf(url, '$filter'))).toEqual([
      null,
      "receivedDateTime ge 1970-01-01T00:00:00Z and isRead eq true and flag/flagStatus ne 'flagged'",
      'receivedDateTime ge 2026-11-01T00:00:00+01:00',
    ])
  })

  it.each(["' or isRead eq true or subject eq '", "''", "'"])('keeps a quote inside its text: %s', async (category) => {
    const { ada, transport } = start([page('a')])
    await ada.call('list_messages', { category })
    const filter = parameterOf(transport.requests[0]?.url, '$filter') ?? ''
    expect(filter.endsWith(` eq '${category.replaceAll("'", "''")}')`)).toBe(true)
  })

  it.each([
    ['two words', '"two words"'],
    ['subject:"bird count"', String.raw`"subject:\"bird count\""`],
    [String.raw`a\b`, String.raw`"a\\b"`],
    ['" $filter=x', String.raw`"\" $filter=x"`],
  ])('is searched for %s', async (q, sent) => {
    const { ada, transport } = start([page('a')])
    await ada.call('search_messages', { q })
    expect(parameterOf(transport.requests[0]?.url, '$search')).toBe(sent)
    expect(parameterOf(transport.requests[0]?.url, '$orderby')).toBeNull()
  })
})

it('escapes ids', async () => {
  const { ada, transport } = start([{ json: { id: 'm1' } }])
  await ada.call('get_message', { messageId: 'a/../b?c#d=' })
  expect(transport.requests[0]?.path).toBe('/v1.0/me/messages/a%2F..%2Fb%3Fc%23d%3D')
})

it('needs something to change', async () => {
  const { ada } = start([])
  expect((await errorOf(ada.call('update_message', { messageId: 'm1' }))).code).toBe('INVALID_INPUT')
})

it('sends 4 requests at once for a mailbox, and the others after them', async () => {
  const waiting: (() => void)[] = []
  const transport = scriptedTransport(
    () =>
      new Promise((resolve) => {
        waiting.push(() => {
          resolve({ json: { id: 'm1' } })
        })
      }),
  )
  const clock = createFakeClock()
  const mcp = createMcpClient({ connectors: { mail: outlookMail({ token: TOKEN }) }, transport, clock })
  const calls = Array.from({ length: 6 }, () => mcp.as('ada').mail.call('get_message', { messageId: 'm1' }))
  await clock.advance(0)
  expect(waiting).toHaveLength(4)
  for (const respond of waiting.splice(0)) respond()
  await clock.advance(0)
  expect(waiting).toHaveLength(2)
  for (const respond of waiting) respond()
  await clock.until(Promise.all(calls))
})

describe('connecting', () => {
  it('verifies a token with the inbox', async () => {
    const transport = scriptedTransport([{ json: { id: 'f1' } }])
    const connectors = { mail: outlookMail() }
    const mcp = createMcpClient({ connectors, vault: vault(), transport, clock: createFakeClock() })
    expect(await mcp.as('ada').mail.connect({ token: TOKEN })).toMatchObject({ status: 'connected' })
    expect(transport.requests).toMatchObject([
      { path: '/v1.0/me/mailFolders/inbox', headers: { authorization: `Bearer ${TOKEN}` } },
    ])
  })

  it('asks for the narrowest permissions of all tools', () => {
    expect(new Set(outlookMail.profile.auth.flow?.scopes)).toEqual(
      new Set(['openid', 'profile', 'email', 'offline_access', 'Mail.ReadWrite', 'Mail.Send']),
    )
  })
})

describe('marks', () => {
  it('are on the recipients of every tool that sends or prepares to send', async () => {
    const { ada } = start([])
    const tools = await ada.listTools()
    const destinations = tools.flatMap(({ name, inputMarks = [] }) =>
      inputMarks
        .filter(({ destination }) => destination === 'recipient')
        .map(({ path }) => `${name} ${path.join('.')}`),
    )
    const fields = ['to', 'cc', 'bcc', 'replyTo']
    expect(destinations).toEqual([
      ...fields.map((field) => `send_email ${field}`),
      ...fields.map((field) => `reply_to_message ${field}`),
      ...['to', 'cc', 'bcc'].map((field) => `forward_message ${field}`),
      ...fields.map((field) => `create_draft ${field}`),
      ...fields.map((field) => `update_draft ${field}`),
    ])
  })

  it('are on what senders wrote', async () => {
    const { ada } = start([])
    const tools = await ada.listTools()
    const untrusted = (name: string) =>
      tools
        .find((each) => each.name === name)
        ?.outputMarks?.filter((each) => each.untrusted && each.private)
        .map(({ path }) => path.join('.'))
    expect(untrusted('get_message')).toEqual([
      'subject',
      'bodyPreview',
      'body.content',
      'from.emailAddress.name',
      'sender.emailAddress.name',
      'toRecipients.*.emailAddress.name',
      'ccRecipients.*.emailAddress.name',
      'bccRecipients.*.emailAddress.name',
      'replyTo.*.emailAddress.name',
    ])
    expect(untrusted('search_messages')).toContain('value.*.bodyPreview')
    expect(untrusted('get_attachment')).toEqual(['name', 'contentBytes'])
  })
})
