import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { errorOf } from '@mcpclient/testing'
import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { smtp, smtpXoauth2 } from '../src/index.ts'
import type { SmtpOptions } from '../src/index.ts'
import { smtpMailer } from '../src/node.ts'
import type { SmtpMailerOptions } from '../src/node.ts'
import { certificate } from './loopback-certificate.ts'
import { droppingServer, mailServer, PASSWORD, replied, TOKEN } from './mail-server.ts'
import type { MailServer } from './mail-server.ts'

const email = { to: ['bo@example.com'], subject: 'Count', text: '12 egrets' }
const SUBJECT = `Zählung ✓ ${'sehr '.repeat(30)}lang`
const from = { email: 'ada@marshes.example', name: 'Ada Reed' }

type Settings = Partial<Omit<SmtpOptions, 'mailer'>>

function start({ port }: Pick<MailServer, 'port'>, settings: Settings = {}, options: SmtpMailerOptions = {}) {
  const login = { username: 'ada', password: PASSWORD }
  const mailer = smtpMailer({ tls: { ca: certificate }, name: 'app.example', ...options })
  const mail = smtp({ mailer, host: 'localhost', port, security: 'starttls', from, ...login, ...settings })
  const mcp = createMcpClient({ connectors: { mail }, retry: { attempts: 2, baseMs: 1, maxMs: 1 } })
  return {
    ada: mcp.as('ada').mail,
    mcp,
    async [Symbol.asyncDispose]() {
      await mcp.close()
      await mailer.close()
    },
  }
}

const plain = { security: 'none' } as const

describe('a message', () => {
  it('arrives with its text, HTML, attachments and characters of every script', async () => {
    await using server = await mailServer()
    await using client = start(server, plain)
    const body = 'Zählung: 12 Reiher 🐦\n.\n..dots\n' + 'ä'.repeat(2000)
    const sent = await client.ada.call('send_email', {
      to: ['bo@example.com', { email: 'cy@example.com', name: 'Cÿ "Marsh"' }],
      cc: [{ email: 'di@example.com' }],
      bcc: ['ed@example.com'],
      replyTo: ['list@example.com'],
      subject: SUBJECT,
      text: body,
      html: '<p>12 <img src="cid:logo"></p>',
      attachments: [
        { filename: 'Zählung ✓.csv', contentType: 'text/csv', content: 'YSxi' },
        { filename: 'logo.png', contentType: 'image/png', content: 'iVBORw0KGgo=', contentId: '<logo>' },
      ],
      inReplyTo: 'heron-1@example.com',
      references: ['<heron-0@example.com>', 'heron-1@example.com'],
    })
    const [message] = server.received
    const read = await PostalMime.parse(message?.raw ?? '', { attachmentEncoding: 'base64' })
    expect(read).toMatchObject({
      from: { address: from.email, name: from.name },
      to: [{ address: 'bo@example.com' }, { address: 'cy@example.com', name: 'Cÿ "Marsh"' }],
      cc: [{ address: 'di@example.com' }],
      replyTo: [{ address: 'list@example.com' }],
      subject: SUBJECT,
      inReplyTo: '<heron-1@example.com>',
      references: '<heron-0@example.com> <heron-1@example.com>',
      messageId: sent.messageId,
    })
    expect(read.text?.trimEnd()).toBe(body)
    expect(read.html).toContain('cid:logo')
    expect(read.attachments.map(({ filename, content, contentId }) => [filename, content, contentId])).toEqual([
      ['logo.png', 'iVBORw0KGgo=', '<logo>'],
      ['Zählung ✓.csv', 'YSxi', undefined],
    ])
    expect(message?.raw).not.toContain('ed@example.com')
    expect(message?.to).toEqual(['bo@example.com', 'cy@example.com', 'di@example.com', 'ed@example.com'])
    expect(sent).toMatchObject({
      accepted: message?.to,
      rejected: [],
      reply: expect.stringContaining('4417') as string,
    })
  })

  it.each([
    ['the subject', { subject: 'Hi\r\nBcc: eve@example.com' }],
    ['a name', { to: [{ email: 'bo@example.com', name: 'Bo\r\nBcc: eve@example.com' }] }],
    ['an address', { to: ['bo@example.com>\r\nRCPT TO:<eve@example.com'] }],
    ['a file name', { attachments: [{ filename: 'a\r\nX-Evil: 1', content: 'YQ==' }] }],
    ['a content type', { attachments: [{ filename: 'a', contentType: 'text/plain\r\nX-Evil: 1', content: 'YQ==' }] }],
    ['a Message-ID', { inReplyTo: '<a@b>\r\nX-Evil: 1' }],
  ])('is refused with a header in %s', async (_what, change) => {
    await using server = await mailServer()
    await using client = start(server, plain)
    const error = await errorOf(client.mcp.client('mail', 'ada').invoke('send_email', { ...email, ...change }))
    expect(error.code).toBe('INVALID_INPUT')
    expect(server.connections()).toBe(0)
  })

  it('reads no file and no URL that its HTML or its attachments name', async () => {
    await using server = await mailServer()
    await using client = start(server, plain)
    await client.ada.call('send_email', { ...email, html: '<img src="file:///etc/hostname">' })
    expect(server.received[0]?.raw).toContain('file:///etc/hostname')
  })
})

describe('a session', () => {
  it.each([
    ['PLAIN', 'starttls'],
    ['LOGIN', 'starttls'],
    ['PLAIN', 'tls'],
  ] as const)('logs in with %s over %s', async (method, security) => {
    await using server = await mailServer({ authMethods: [method], secure: security === 'tls' })
    await using client = start(server, { security })
    await client.ada.call('send_email', email)
    expect(server.received).toMatchObject([{ user: 'ada', isSecure: true, from: from.email }])
  })

  it('logs in with a token', async () => {
    await using server = await mailServer({ authMethods: ['XOAUTH2'] })
    const mailer = smtpMailer({ tls: { ca: certificate } })
    const mail = smtpXoauth2({ mailer, host: 'localhost', port: server.port, from, username: 'ada', token: TOKEN })
    const mcp = createMcpClient({ connectors: { mail } })
    await mcp.as('ada').mail.call('send_email', email)
    await mailer.close()
    expect(server.received).toMatchObject([{ user: 'ada', isSecure: true }])
  })

  it('is reused for the next message of the same account, and for no other account', async () => {
    await using server = await mailServer({
      onAuth: (auth, _session, done) => done(null, { user: auth.username ?? '' }),
    })
    await using client = start(server, plain)
    for (let n = 0; n < 3; n++) await client.ada.call('send_email', email)
    expect(server.connections()).toBe(1)
    await using other = start(server, { ...plain, username: 'bo' })
    await other.ada.call('send_email', email)
    expect(server.received.map(({ user }) => user)).toEqual(['ada', 'ada', 'ada', 'bo'])
    expect(new Set(server.received.map(({ session }) => session)).size).toBe(2)
  })

  it('is replaced after its last message', async () => {
    await using server = await mailServer()
    await using client = start(server, plain, { maxMessages: 2 })
    for (let n = 0; n < 5; n++) await client.ada.call('send_email', email)
    expect(server.connections()).toBe(3)
  })

  it('is replaced if the server ended it between two messages', async () => {
    await using server = await mailServer()
    await using client = start(server, plain)
    await client.ada.call('send_email', email)
    server.endSessions()
    await client.ada.call('send_email', email)
    expect([server.received.length, server.connections()]).toEqual([2, 2])
  })

  it('sends messages at once over several connections, five at most', async () => {
    await using server = await mailServer()
    await using client = start(server, plain)
    await Promise.all(Array.from({ length: 12 }, () => client.ada.call('send_email', email)))
    expect(server.received).toHaveLength(12)
    expect(server.connections()).toBeLessThanOrEqual(5)
  })

  it('is verified before a credential is stored', async () => {
    await using server = await mailServer()
    const mailer = smtpMailer({ tls: { ca: certificate } })
    const mail = smtp({ mailer, host: 'localhost', port: server.port, from })
    const mcp = createMcpClient({ connectors: { mail }, vault: vault() })
    const ada = mcp.as('ada').mail
    expect(await ada.connect({ username: 'ada', password: PASSWORD })).toMatchObject({
      status: 'connected',
      account: { id: 'ada' },
    })
    const error = await errorOf(mcp.as('eve').mail.connect({ username: 'ada', password: 'wrong-canary' }))
    expect(error.code).toBe('MCP_AUTHENTICATION_FAILURE')
    expect(JSON.stringify(error)).not.toContain('canary')
    await mailer.close()
  })
})

describe('a server that does not accept a message', () => {
  it('returns the recipients that it refused, beside those that it accepted', async () => {
    await using server = await mailServer({
      onRcptTo: ({ address }, _session, done) => done(address.startsWith('no') ? replied('No such user', 550) : null),
    })
    await using client = start(server, plain)
    const sent = await client.ada.call('send_email', { ...email, to: ['bo@example.com', 'no@example.com'] })
    expect(sent).toMatchObject({
      accepted: ['bo@example.com'],
      rejected: [{ address: 'no@example.com', reply: '550 No such user' }],
    })
    expect(server.received[0]?.to).toEqual(['bo@example.com'])
  })

  it.each([
    [
      'all recipients',
      { onRcptTo: (_a: unknown, _s: unknown, done: (error: Error) => void) => done(replied('No', 550)) },
    ],
    [
      'the sender',
      { onMailFrom: (_a: unknown, _s: unknown, done: (error: Error) => void) => done(replied('No', 553)) },
    ],
  ])('fails for good if it refuses %s', async (_what, options) => {
    await using server = await mailServer(options)
    await using client = start(server, plain)
    const error = await errorOf(client.ada.call('send_email', email))
    expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { outcome: 'not_processed' } })
    expect(error.message).toContain('No')
    expect(server.received).toEqual([])
    expect(server.connections()).toBe(1)
  })

  it('is asked again after a temporary reply, which says that nothing was accepted', async () => {
    let deferrals = 1
    await using server = await mailServer({
      onRcptTo: (_address, _session, done) => done(deferrals-- > 0 ? replied('Greylisted', 451) : null),
    })
    await using client = start(server, plain)
    await client.ada.call('send_email', email)
    expect(server.received).toHaveLength(1)
    deferrals = 9
    const error = await errorOf(client.ada.call('send_email', email))
    expect(error).toMatchObject({
      code: 'MCP_SERVER_ERROR',
      details: { outcome: 'not_processed', providerCode: '451' },
    })
  })

  it('is not asked again for a message that is too large', async () => {
    await using server = await mailServer({ size: 10_000 })
    await using client = start(server, plain)
    const error = await errorOf(client.ada.call('send_email', { ...email, text: 'x'.repeat(20_000) }))
    expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { outcome: 'not_processed' } })
    expect(error.advice).toContain('attachments')
    expect(server.received).toEqual([])
  })

  it('refuses a wrong password without showing it', async () => {
    await using server = await mailServer()
    await using client = start(server, { ...plain, password: 'wrong-canary' })
    const error = await errorOf(client.ada.call('send_email', email))
    expect(error).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { outcome: 'not_processed' } })
    expect(JSON.stringify(error)).not.toContain('canary')
  })
})

describe('a connection', () => {
  it.each(['MAIL', 'DATA', 'content'] as const)(
    'leaves the message unsent if it is lost at %s, and is tried again',
    async (drop) => {
      await using server = await droppingServer(drop)
      await using client = start(server, plain)
      // The server reads nothing of the content, so the buffers of both sides hold only a part of this.
      const attachments = [{ filename: 'count.bin', content: 'A'.repeat(drop === 'content' ? 8_000_000 : 4) }]
      const error = await errorOf(client.ada.call('send_email', { ...email, attachments }))
      expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', details: { outcome: 'not_processed' } })
      expect(server.connections()).toBe(2)
      expect(server.received).toEqual([])
    },
  )

  it('leaves the outcome unknown if it is lost after the whole message, which is not sent again', async () => {
    await using server = await droppingServer('.')
    await using client = start(server, plain)
    const error = await errorOf(client.ada.call('send_email', email))
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown' } })
    expect(server.received).toHaveLength(1)
    expect(server.connections()).toBe(1)
  })

  it('leaves the outcome unknown if the caller aborts before the reply', async () => {
    const abort = new AbortController()
    await using server = await mailServer({
      onData: (stream) => {
        stream.resume()
        stream.on('end', () => {
          abort.abort()
        })
      },
    })
    await using client = start(server, plain)
    const error = await errorOf(client.ada.call('send_email', email, { signal: abort.signal }))
    expect(error.details.outcome).toBe('unknown')
  })

  it('is refused without a trusted certificate, and without STARTTLS', async () => {
    await using server = await mailServer()
    await using untrusting = start(server, {}, { tls: {} })
    const error = await errorOf(untrusting.ada.call('send_email', email))
    expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', details: { outcome: 'not_processed' } })
    expect(error.message).toContain('self-signed certificate')
    await using open = await mailServer({ disabledCommands: ['STARTTLS'] })
    await using client = start(open)
    expect((await errorOf(client.ada.call('send_email', email))).details.outcome).toBe('not_processed')
    expect([...server.received, ...open.received]).toEqual([])
  })

  it('fails before anything is sent if nothing listens', async () => {
    const gone = await mailServer()
    await gone[Symbol.asyncDispose]()
    await using client = start(gone, plain)
    const error = await errorOf(client.ada.call('send_email', email))
    expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', details: { outcome: 'not_processed' } })
    expect(error.message).toContain(`localhost:${gone.port}`)
  })
})

describe('the host of a connection', () => {
  const login = { username: 'ada', password: PASSWORD }

  /** Composes smtp with a mailer that notes the hosts instead of connecting to them. */
  function setUp(options: { readonly hosts?: readonly string[] }) {
    const verified: string[] = []
    const mailer = {
      ...smtpMailer(),
      verify: (server: { host: string }) => Promise.resolve(void verified.push(server.host)),
    }
    const connectors = { mail: smtp({ mailer, host: 'smtp.example.com', from, ...options }) }
    return { mail: createMcpClient({ connectors, vault: vault() }).as('ada').mail, verified }
  }

  it.each([
    ['another than that of the composition', 'evil.example', {}],
    ['a domain that only ends like a listed one', 'evilmail.example', { hosts: ['*.mail.example'] }],
    ['the parent of a listed pattern', 'mail.example', { hosts: ['*.mail.example'] }],
    ['an address of the network', '10.0.0.5', { hosts: ['*.mail.example'] }],
  ])('is refused if it is %s', async (_what, host, options) => {
    const { mail, verified } = setUp(options)
    const error = await errorOf(mail.connect(login, { settings: { host } }))
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', details: { outcome: 'not_processed' } })
    expect(verified).toEqual([])
  })

  it.each([
    ['that of the composition, in any case', 'SMTP.Example.com', {}],
    ['a subdomain of a listed pattern', 'eu.mail.example', { hosts: ['*.mail.example'] }],
  ])('is accepted if it is %s', async (_what, host, options) => {
    const { mail, verified } = setUp(options)
    await mail.connect(login, { settings: { host } })
    expect(verified).toEqual([host.toLowerCase()])
  })

  it('receives no credential without encryption, except on this machine', async () => {
    await using client = start({ port: 25 }, { host: 'smtp.example.com', ...plain })
    expect((await errorOf(client.ada.call('send_email', email))).code).toBe('CONFIGURATION_ERROR')
  })
})

it('is refused without a mailer', () => {
  expect(() => smtp({ host: 'smtp.example.com', from } as SmtpOptions)).toThrow(/requires a mailer/)
})
