import { seededRandom } from '@mcpclient/testing'
import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { composeMail } from '../src/mime.ts'
import type { Mail } from '../src/mime.ts'

const parse = (mail: Mail) => new PostalMime({ attachmentEncoding: 'base64' }).parse(composeMail(mail))
const base = { to: ['bo@example.com'], text: 'Hello' }

/** Strings that break naive composers. */
const NASTY = [
  '',
  'Egret',
  'Vogelzählung im Röhricht',
  '鳥の数え方 🐦‍⬛ und 😀',
  'a "quoted" name \\ with, commas; and <brackets>',
  '=?utf-8?q?not_encoded?=',
  'x'.repeat(300),
  'ü'.repeat(300),
  'two words '.repeat(40).trim(),
  "it's (a) 100% *safe* name",
] as const

describe('a header', () => {
  it.each(NASTY)('keeps the subject %j', async (subject) => {
    expect((await parse({ ...base, subject })).subject ?? '').toBe(subject)
  })

  it.each(NASTY)('keeps the name %j', async (name) => {
    const { from, to = [] } = await parse({
      ...base,
      from: { email: 'ada@example.com', name },
      to: [{ email: 'bo@example.com', name }],
    })
    expect(from).toMatchObject({ address: 'ada@example.com', name })
    expect(to).toMatchObject([{ address: 'bo@example.com', name }])
  })

  it.each(['\r\nBcc: eve@example.com', '\nX: 1', '\r\n\r\n<p>body</p>', '\u0000', '\u2028', 'a\ud800b'])(
    'is one header, whatever is in it: %j',
    (text) => {
      const raw = composeMail({
        ...base,
        from: { email: 'ada@example.com', name: text },
        subject: text,
        inReplyTo: `a${text}@b`,
        attachments: [{ filename: text, content: 'AAAA', contentId: `c${text}` }],
      })
      const names = (raw.split('\r\n\r\n', 1)[0] ?? '').split(/\r\n(?! )/).map((header) => header.split(':', 1)[0])
      expect(names).toEqual(['From', 'To', 'Subject', 'In-Reply-To', 'MIME-Version', 'Content-Type'])
    },
  )

  it('lists every recipient once, in the order of the input', async () => {
    const many = Array.from({ length: 500 }, (_, n) => ({ email: `bird${n}@example.com`, name: `Vögel ${n}` }))
    const { to, cc, bcc } = await parse({ ...base, to: many, cc: ['cy@example.com'], bcc: ['di@example.com'] })
    expect(to?.map(({ address }) => address)).toEqual(many.map(({ email }) => email))
    expect([cc, bcc]).toMatchObject([[{ address: 'cy@example.com' }], [{ address: 'di@example.com' }]])
  })

  it('refers to the message that it replies to', async () => {
    const references = Array.from({ length: 60 }, (_, n) => `<${n}.${'x'.repeat(40)}@example.com>`)
    const parsed = await parse({ ...base, inReplyTo: '59@example.com', references })
    expect(parsed.inReplyTo).toBe('<59@example.com>')
    expect(parsed.references?.split(/\s+/)).toEqual(references)
  })
})

describe('a body', () => {
  const trimmed = (text = '') => text.replaceAll('\r\n', '\n').replace(/\n$/, '')

  it.each([
    ...NASTY,
    'line\nline\r\nline',
    'ends with spaces  \nand a tab\t\n.',
    '--=_mixed\n=_mixed--',
    '.\n..\nFrom here',
  ])('keeps the text %j', async (text) => {
    const { text: plain, html } = await parse({ ...base, text, html: `<p>${text}</p>` })
    const expected = text.replaceAll('\r\n', '\n')
    expect(trimmed(plain)).toBe(expected)
    expect(trimmed(html)).toBe(`<p>${expected}</p>`)
  })

  it('offers the text first and the HTML second, as RFC 2046 prefers the last', () => {
    const raw = composeMail({ ...base, html: '<p>Hello</p>' })
    expect(raw.indexOf('text/plain')).toBeLessThan(raw.indexOf('text/html'))
  })
})

describe('an attachment', () => {
  const logo = { filename: 'größe "1".png', contentType: 'image/png', content: 'iVBORw0KGgo=', contentId: 'logo' }
  const report = { filename: `${'Bericht über Reiher '.repeat(12)}.pdf`, content: btoa('%PDF'.repeat(200)) }

  it('keeps its name, type and bytes beside a text, an HTML and an inline image', async () => {
    const { text, html, attachments } = await parse({
      ...base,
      html: '<img src="cid:logo">',
      attachments: [report, logo],
    })
    expect([text?.trim(), html?.trim()]).toEqual(['Hello', '<img src="cid:logo">'])
    const found = attachments.map(({ filename, mimeType, disposition, contentId, content }) => ({
      filename,
      mimeType,
      disposition,
      contentId,
      content,
    }))
    expect(found).toEqual([
      {
        filename: logo.filename,
        mimeType: 'image/png',
        disposition: 'inline',
        contentId: '<logo>',
        content: logo.content,
      },
      {
        filename: report.filename,
        mimeType: 'application/octet-stream',
        disposition: 'attachment',
        contentId: undefined,
        content: report.content,
      },
    ])
  })

  it('is listed if there is no HTML to show it', async () => {
    const { text, attachments } = await parse({ ...base, attachments: [logo] })
    expect(text?.trim()).toBe('Hello')
    expect(attachments.map(({ filename }) => filename)).toEqual([logo.filename])
  })

  it('may be the whole content', async () => {
    const { attachments } = await parse({ to: base.to, attachments: [report] })
    expect(attachments.map(({ content }) => content)).toEqual([report.content])
  })

  // A reader decodes an encoded word there, although RFC 2231 has none.
  it.each(NASTY.slice(1).filter((name) => !name.startsWith('=?')))('keeps the name %j', async (filename) => {
    const { attachments } = await parse({ ...base, attachments: [{ filename, content: 'AAAA' }] })
    expect(attachments.map((each) => each.filename)).toEqual([filename])
  })
})

describe('a message', () => {
  it('is ASCII in lines of at most 78 characters, apart from addresses', () => {
    const text = NASTY.join('\n')
    const raw = composeMail({
      from: { email: 'ada@example.com', name: NASTY[2] },
      to: [{ email: 'bo@example.com', name: NASTY[7] }],
      subject: NASTY[7],
      text,
      html: text,
      attachments: NASTY.slice(1).map((filename) => ({ filename, content: btoa('x'.repeat(500)) })),
    })
    expect(raw).toMatch(/^[\t\r\n -~]*$/)
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78)
  })

  it('is the same for the same mail', () => {
    const mail = { ...base, subject: 'Größe', html: '<p>Hello</p>', attachments: [{ filename: 'a', content: 'AAAA' }] }
    expect(composeMail(mail)).toBe(composeMail(structuredClone(mail)))
  })

  it('survives 300 random texts', async () => {
    const random = seededRandom(11)
    const alphabet = [...'aä鳥😀=_-"\\<>@;,.:?\t ', 'é', '\n', '=?', '--', 'word ']
    const pick = (length: number) =>
      Array.from(
        { length: Math.floor(random() * length) },
        () => alphabet[Math.floor(random() * alphabet.length)],
      ).join('')
    for (let n = 0; n < 300; n++) {
      const text = pick(200)
      const subject = pick(60).replaceAll(/[\n\t]/g, ' ')
      const name = `n${pick(40).replaceAll(/[\n\t]/g, ' ')}n`
      const filename = `f${pick(60).replaceAll(/[\n\t]/g, ' ')}f`
      const parsed = await parse({
        to: [{ email: 'bo@example.com', name }],
        subject: `s${subject}s`,
        text: `${text}.`,
        attachments: [{ filename, content: 'AAAA' }],
      })
      expect(parsed.subject).toBe(`s${subject}s`)
      expect(parsed.to).toMatchObject([{ name }])
      expect(parsed.text?.replaceAll('\r\n', '\n').replace(/\n$/, '')).toBe(`${text}.`)
      expect(parsed.attachments.map((each) => each.filename)).toEqual([filename])
    }
  })
})
