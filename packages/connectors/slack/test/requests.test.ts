import { ConnectorError } from '@mcpclient/core'
import { describe, expect, test } from 'vitest'
import { openConversation, listChannels } from '../src/conversation-tools.ts'
import { deleteMessage, sendMessage, updateMessage } from '../src/message-tools.ts'
import { addReaction } from '../src/reaction-tools.ts'
import { scheduleMessage } from '../src/schedule-tools.ts'

const C = 'C08HERON42A'
const ts = '1768294800.004200'
const headers = { 'content-type': 'application/json; charset=utf-8' }
const json = (value: unknown) => ({ kind: 'json', value })

describe('a request is a value', () => {
  test('a message goes to the channel that the call names, and only then to the default one', () => {
    const context = { settings: { defaultChannel: 'C08EGRET7QB' } }
    expect(sendMessage.request?.({ channel: C, text: 'Hi' }, context)).toEqual({
      method: 'POST',
      path: 'chat.postMessage',
      headers,
      body: json({ channel: C, text: 'Hi' }),
    })
    expect(sendMessage.request?.({ text: 'Hi' }, context).body).toEqual(json({ channel: 'C08EGRET7QB', text: 'Hi' }))
    expect(scheduleMessage.request?.({ text: 'Hi', post_at: 1768388400 }, context).body).toEqual(
      json({ channel: 'C08EGRET7QB', text: 'Hi', post_at: 1768388400 }),
    )
  })

  test('without any channel the call is refused before anything is built', () => {
    const build = () => sendMessage.request?.({ text: 'Hi' }, { settings: {} })
    expect(build).toThrow(ConnectorError)
    expect(build).toThrow('No channel was named')
  })

  test('lists go as the comma lists that Slack reads', () => {
    expect(
      listChannels.request?.({ types: ['im', 'mpim'], exclude_archived: true, limit: 10 }, { settings: {} }),
    ).toEqual({
      method: 'GET',
      path: 'conversations.list',
      query: { types: 'im,mpim', exclude_archived: true, limit: 10 },
    })
    expect(openConversation.request?.({ users: ['U1', 'U2'] }, { settings: {} }).body).toEqual(
      json({ users: 'U1,U2', return_im: true }),
    )
  })
})

describe('what Slack would refuse is refused here', () => {
  test.each([
    ['no text', sendMessage.input, { channel: C, text: '' }],
    ['more text than Slack keeps', sendMessage.input, { channel: C, text: 'x'.repeat(40_001) }],
    ['a thread that is no ts', sendMessage.input, { channel: C, text: 'Hi', thread_ts: 'yesterday' }],
    ['a block without a type', sendMessage.input, { channel: C, text: 'Hi', blocks: [{ text: 'Hi' }] }],
    ['an empty channel', deleteMessage.input, { channel: '', ts }],
    ['a ts without its fraction', updateMessage.input, { channel: C, ts: '1768294800', text: 'Hi' }],
    [
      'milliseconds where Slack counts seconds',
      scheduleMessage.input,
      { channel: C, text: 'Hi', post_at: 1768388400000 },
    ],
    ['a fraction of a second', scheduleMessage.input, { channel: C, text: 'Hi', post_at: 1768388400.5 }],
    ['an emoji in colons', addReaction.input, { channel: C, timestamp: ts, name: ':eyes:' }],
    ['nobody', openConversation.input, { users: [] }],
    ['nine people', openConversation.input, { users: Array.from({ length: 9 }, (_, index) => `U${index}`) }],
    ['a page of a thousand', listChannels.input, { limit: 1000 }],
    ['no kind of channel', listChannels.input, { types: [] }],
  ])('%s', (_what, schema, input) => {
    expect(schema.safeParse(input).success).toBe(false)
  })
})
