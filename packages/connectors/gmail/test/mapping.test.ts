import { Message } from '@mcpclient/shapes'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { messages } from '../src/mapping.ts'
import type { Row } from '../src/shapes.ts'
import { contentFields } from '../src/shapes.ts'
import { setUp } from './sync-scene.ts'

type Item = Omit<z.output<typeof Row>, 'id'>

const full: Item = {
  labelIds: ['INBOX', 'UNREAD', 'STARRED', 'Label_1'],
  threadId: 't1',
  snippet: '12 egrets &amp; 3 &lt;herons&gt; &amp;lt;',
  subject: 'Count',
  from: 'Bo Reed <bo@marshes.example>',
  to: 'ada@marshes.example, "Reed, Bo \\"B\\"" <bo@marshes.example>',
  cc: 'Herons: a@marshes.example, b@marshes.example;, Zoé <zoe@marshes.example>',
  replyTo: '<list@marshes.example> (the list)',
  date: 'Mon, 2 Nov 2026 14:10:00 -0500 (EST)',
  internalDate: '1793646601000',
  messageId: '<heron-1@marshes.example>',
  attachments: [{ partId: '1', filename: 'count.csv', contentType: 'text/csv', size: 3 }],
}

const rowOf = (item: Item): Message => messages.toRow(item) ?? {}

describe('the mapping of messages', () => {
  it('has all that a row has', () => {
    const row = rowOf(full)
    expect(Message.parse(row)).toEqual(row)
    expect(row).toEqual({
      from: { email: 'bo@marshes.example', name: 'Bo Reed' },
      to: [{ email: 'ada@marshes.example' }, { email: 'bo@marshes.example', name: 'Reed, Bo "B"' }],
      cc: [
        { email: 'a@marshes.example' },
        { email: 'b@marshes.example' },
        { email: 'zoe@marshes.example', name: 'Zoé' },
      ],
      replyTo: [{ email: 'list@marshes.example' }],
      subject: 'Count',
      preview: '12 egrets & 3 <herons> &lt;',
      sentAt: '2026-11-02T19:10:00.000Z',
      isRead: false,
      isFlagged: true,
      isDraft: false,
      hasAttachments: true,
      conversation: 't1',
      messageId: '<heron-1@marshes.example>',
      folders: ['INBOX', 'UNREAD', 'STARRED', 'Label_1'],
    })
    expect(new Set(Object.keys(row))).toEqual(new Set(messages.fields))
  })

  it('names every field of a message, or leaves it to Gmail', () => {
    const left = ['inReplyTo', 'references', 'text', 'html']
    expect(new Set([...left, ...Object.keys(full)])).toEqual(new Set(['labelIds', ...contentFields]))
    expect(new Set([...messages.fields, 'bcc'])).toEqual(new Set(Object.keys(Message.shape)))
    expect(messages.readOnly).toEqual(messages.fields)
  })

  it.each([
    ['undisclosed-recipients:;', []],
    ['', []],
    ['Bo', [{ name: 'Bo' }]],
    ['"a@b.example" <c@d.example>', [{ email: 'c@d.example', name: 'a@b.example' }]],
    ['Bo <bo@marshes.example', [{ name: 'Bo < bo@marshes.example' }]],
    ['"Bo <bo@marshes.example>', [{ email: 'bo@marshes.example', name: '" Bo' }]],
    ['A; <b@c.example> ,, D', [{ name: 'A' }, { email: 'b@c.example' }, { name: 'D' }]],
  ])('reads addresses of any sender: %s', (to, people) => {
    expect(rowOf({ labelIds: [], to }).to).toEqual(people)
  })

  it('reads a long hostile header in a moment', () => {
    expect(rowOf({ labelIds: [], to: `"${'\\'.repeat(50_000)}` }).to).toHaveLength(1)
    expect(rowOf({ labelIds: [], to: '('.repeat(50_000) }).to?.length).toBeLessThan(2)
  })

  it('has the time of arrival if the date of the sender cannot be read', () => {
    expect(rowOf({ ...full, date: 'yesterday' }).sentAt).toBe(new Date(1_793_646_601_000).toISOString())
    expect(rowOf({ labelIds: [], date: 'yesterday' }).sentAt).toBe(undefined)
  })
})

describe('a plan with the mapping of messages', () => {
  it('fills a table of shared rows, and keeps what a change of labels does not name', async () => {
    const { google, table, settle, writes } = setUp({ plan: { mapping: messages } })
    const { id } = google.receive({ subject: 'Egret', from: 'Bo Reed <bo@example.com>' })
    await settle()
    expect(table.rows()).toMatchObject([{ subject: 'Egret', from: { email: 'bo@example.com' }, isRead: false }])
    google.label(id, [], ['UNREAD'])
    await settle()
    expect(table.rows()).toMatchObject([{ subject: 'Egret', from: { email: 'bo@example.com' }, isRead: true }])
    writes()
    table.edit(
      table.idWhere(() => true),
      { subject: 'Mine' },
    )
    await settle()
    expect([writes(), table.rows()]).toMatchObject([[], [{ subject: 'Egret' }]])
  })
})
