import { gmail } from '@mcpclient/gmail'
import { mailchimpTransactional } from '@mcpclient/mailchimp'
import { outlookMail } from '@mcpclient/outlook-mail'
import { sendgrid } from '@mcpclient/sendgrid'
import { Email } from '@mcpclient/shapes'
import { smtp } from '@mcpclient/smtp'
import { smtpMailer } from '@mcpclient/smtp/node'
import { describe, expect, it } from 'vitest'

const mail = { tools: smtp({ mailer: smtpMailer() }).tools ?? {} }
const services = [gmail, outlookMail, mailchimpTransactional, mail].map(({ tools }) => tools['send_email'])
/** They need a recipient in `to`, and a subject and a content that are not empty. */
const stricter = [sendgrid].map(({ tools }) => tools['send_email'])

const valid = {
  'the least': { to: ['bo@example.com'], subject: 'Count', text: '' },
  everything: {
    to: ['bo@example.com', { email: 'cy@example.com', name: 'Cy Marsh' }],
    cc: [{ email: 'di@example.com' }],
    bcc: ['ed@example.com'],
    replyTo: ['list@example.com'],
    from: { email: 'ada@example.com', name: 'Ada' },
    subject: 'Count',
    text: '12 egrets',
    html: '<p>12 egrets <img src="cid:logo"></p>',
    attachments: [
      { filename: 'count.csv', content: 'YSxi' },
      { filename: 'logo.png', contentType: 'image/png', content: 'YSxi', contentId: 'logo' },
    ],
    inReplyTo: '<heron-1@example.com>',
    references: ['heron-0@example.com', '<heron-1@example.com>'],
  },
  'a recipient in bcc alone': { bcc: ['bo@example.com'], subject: '', html: '<p>Hi</p>' },
  'an attachment alone': { to: ['bo@example.com'], subject: 'Count', attachments: [{ filename: 'a', content: '' }] },
}

const least = valid['the least']
const invalid = {
  'no recipient': { subject: 'Count', text: '12 egrets' },
  'no subject': { to: ['bo@example.com'], text: '12 egrets' },
  'no content': { to: ['bo@example.com'], subject: 'Count' },
  'an address without a domain': { ...least, to: ['bo'] },
  'a subject of two lines': { ...least, subject: 'Hi\r\nBcc: eve@example.com' },
  'a Message-ID with a space': { ...least, inReplyTo: '<a b@example.com>' },
  'a file that is not base64': { ...least, attachments: [{ filename: 'a', content: '***' }] },
}

describe('send_email of every mail service', () => {
  it.each(Object.entries(valid))('accepts the same e-mail: %s', (_what, email) => {
    expect(Email.parse(email)).toEqual(email)
    for (const tool of services) {
      expect(tool?.input.safeParse(email)).toMatchObject({ success: true, data: email })
    }
  })

  it('accepts the same e-mail at stricter services', () => {
    const email = valid.everything
    for (const tool of stricter) expect(tool?.input.safeParse(email)).toMatchObject({ success: true, data: email })
  })

  it.each(Object.entries(invalid))('refuses the same e-mail: %s', (_what, email) => {
    for (const tool of [...services, ...stricter])
      expect(tool?.input.safeParse(email)).toMatchObject({ success: false })
  })
})
