import { Message } from '@mcpclient/shapes'
import { GRAPH_TOKEN, graphScene } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { outlookMail } from '../src/index.ts'
import { messages } from '../src/mapping.ts'
import { Row } from '../src/row.ts'

type Item = Omit<z.output<typeof Row>, 'id'>

const mailbox = (name: string) => ({ emailAddress: { name, address: `${name.toLowerCase()}@marshes.example` } })
const full: Item = {
  conversationId: 'c1',
  internetMessageId: '<heron-1@marshes.example>',
  subject: 'Count',
  bodyPreview: '12 egrets',
  from: mailbox('Bo'),
  toRecipients: [mailbox('Ada'), mailbox('Zoe')],
  ccRecipients: [],
  bccRecipients: [mailbox('Cy')],
  replyTo: [{ emailAddress: { address: 'list@marshes.example' } }],
  sentDateTime: '2026-11-02T19:10:00Z',
  isRead: false,
  isDraft: true,
  hasAttachments: false,
  flag: { flagStatus: 'flagged' },
}
const rowOf = (item: Item): Message => messages.toRow(item) ?? {}

describe('the mapping of messages', () => {
  it('has all that a row has', () => {
    const row = rowOf(full)
    expect(Message.parse(row)).toEqual(row)
    expect(row).toEqual({
      from: { email: 'bo@marshes.example', name: 'Bo' },
      to: [
        { email: 'ada@marshes.example', name: 'Ada' },
        { email: 'zoe@marshes.example', name: 'Zoe' },
      ],
      cc: [],
      bcc: [{ email: 'cy@marshes.example', name: 'Cy' }],
      replyTo: [{ email: 'list@marshes.example' }],
      subject: 'Count',
      preview: '12 egrets',
      sentAt: '2026-11-02T19:10:00Z',
      isRead: false,
      isFlagged: true,
      isDraft: true,
      hasAttachments: false,
      conversation: 'c1',
      messageId: '<heron-1@marshes.example>',
    })
    expect(new Set(Object.keys(row))).toEqual(new Set(messages.fields))
  })

  it('names every field of a message, or leaves it to Outlook', () => {
    const left = ['body', 'sender', 'createdDateTime', 'receivedDateTime', 'importance', 'categories', 'webLink']
    const empty = Object.fromEntries(left.map((name) => [name, null]))
    const parsed = Row.safeParse({ id: '1', ...full, ...empty })
    expect(new Set(['id', ...left, ...Object.keys(full)])).toEqual(
      new Set(Object.keys(parsed.success ? parsed.data : {})),
    )
    expect(new Set([...messages.fields, 'folders'])).toEqual(new Set(Object.keys(Message.shape)))
    expect(messages.readOnly).toEqual(messages.fields)
  })

  it('distinguishes an empty field from one that Graph did not send', () => {
    const row = rowOf({ subject: null, toRecipients: null, flag: { flagStatus: 'notFlagged' } })
    expect(row).toMatchObject({ subject: '', to: [], isFlagged: false })
    expect(row).toMatchObject({ from: undefined, cc: undefined, preview: undefined, isRead: undefined })
  })
})

describe('a plan with the mapping of messages', () => {
  it('fills a table of shared rows', async () => {
    const mail = outlookMail({ token: GRAPH_TOKEN })
    const { graph, table, settle } = graphScene(mail, { sync: 'messages', plan: { mapping: messages } })
    await graph.messages().insert({ subject: 'Egret', from: mailbox('Bo') })
    await settle()
    expect(table.rows()).toMatchObject([{ subject: 'Egret', from: { email: 'bo@marshes.example', name: 'Bo' } }])
  })
})
