import { bracketed, CalendarEvent, Contact, Email, Message, recipientsOf, Task, unbracketed } from '@mcpclient/shapes'
import { describe, expect, it } from 'vitest'

describe('the shapes', () => {
  it('accept a record without any field, because no provider has all of them', () => {
    for (const shape of [CalendarEvent, Contact, Email, Message, Task]) expect(shape.parse({})).toEqual({})
  })

  it('keep days and times as they were written', () => {
    const event = {
      start: { dateTime: '2026-11-02T14:10:00-05:00', timeZone: 'America/New_York' },
      end: { date: '2026-11-03' },
    }
    expect(CalendarEvent.parse(event)).toEqual(event)
    expect(Contact.parse({ birthday: '--12-10' })).toEqual({ birthday: '--12-10' })
  })

  it.each([
    ['a time without an offset', CalendarEvent, { start: { dateTime: '2026-11-02T14:10:00' } }],
    ['a day that does not exist', CalendarEvent, { start: { date: '2026-02-30' } }],
    ['a birthday in another order', Contact, { birthday: '10.12.1815' }],
    ['an address without a domain', Email, { to: ['bo'] }],
    ['a subject of two lines, which would add a header', Email, { subject: 'Hi\r\nBcc: eve@example.com' }],
    ['a name of two lines', Email, { to: [{ email: 'bo@example.com', name: 'Bo\nEve' }] }],
    ['an attachment that is not base64', Email, { attachments: [{ filename: 'a.txt', content: '***' }] }],
  ])('refuse %s', (_name, shape, record) => {
    expect(shape.safeParse(record).success).toBe(false)
  })

  it.each(['a@b', '<a@b>'])('write the Message-ID %s with and without brackets', (messageId) => {
    expect([bracketed(messageId), unbracketed(messageId)]).toEqual(['<a@b>', 'a@b'])
  })

  it('count all recipients of an e-mail', () => {
    const mail = Email.parse({
      to: ['bo@example.com'],
      cc: [{ email: 'cy@example.com', name: 'Cy' }],
      bcc: ['di@example.com'],
    })
    expect(recipientsOf(mail)).toHaveLength(3)
  })
})
