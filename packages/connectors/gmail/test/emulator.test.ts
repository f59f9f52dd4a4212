import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { errorOf } from '@mcpclient/testing'
import { createEmulator } from 'emulate'
import type { Emulator } from 'emulate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gmail } from '../src/index.ts'

const TOKEN = 'ya29.emulated'

let emulator: Emulator
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  emulator = await createEmulator({
    service: 'google',
    port: 0,
    seed: {
      tokens: { [TOKEN]: { login: 'ada@marshes.example', scopes: [] } },
      google: { users: [{ email: 'ada@marshes.example', name: 'Ada Reed' }] },
    },
  })
})

afterAll(async () => {
  for (const client of opened) await client.close()
  await emulator.close()
})

function start() {
  const connectors = { mail: gmail({ token: TOKEN, baseUrl: `${emulator.url}/gmail/v1/` }) }
  const mcp = createMcpClient({ connectors, transport: fetchTransport() })
  opened.push(mcp)
  return mcp.as('ada').mail
}

describe('against an emulator of Google that keeps state', () => {
  it('sends an e-mail, finds it and reads it as it was sent', async () => {
    const client = start()
    const sent = await client.call('send_email', {
      to: ['bo@marshes.example'],
      subject: 'Vogelzählung',
      text: 'Zwölf Reiher',
      html: '<p>Zwölf <b>Reiher</b></p>',
    })
    const { messages } = await client.call('search_messages', { q: 'in:sent' })
    expect(messages.map(({ id }) => id)).toContain(sent.id)
    const message = await client.call('get_message', { messageId: sent.id })
    expect(message).toMatchObject({
      threadId: sent.threadId,
      labelIds: expect.arrayContaining(['SENT']) as string[],
      text: expect.stringContaining('Zwölf Reiher') as string,
      html: expect.stringContaining('<b>Reiher</b>') as string,
    })
  })

  it('replies in the conversation of a message', async () => {
    const client = start()
    const sent = await client.call('send_email', { to: ['bo@marshes.example'], subject: 'Egrets', text: 'How many' })
    const reply = await client.call('reply_to_message', {
      messageId: sent.id,
      to: ['bo@marshes.example'],
      text: 'Twelve',
    })
    expect(reply.threadId).toBe(sent.threadId)
    const { messages } = await client.call('get_thread', { threadId: sent.threadId ?? '' })
    expect(messages.map(({ id }) => id)).toEqual(expect.arrayContaining([sent.id, reply.id]))
  })

  it('creates a label and changes the labels of a message', async () => {
    const client = start()
    const sent = await client.call('send_email', { to: ['bo@marshes.example'], subject: 'Boots', text: 'Bring them' })
    const label = await client.call('create_label', { name: 'Herons' })
    await client.call('modify_labels', { messageIds: [sent.id], addLabelIds: [label.id, 'STARRED'] })
    const { labelIds } = await client.call('get_message', { messageId: sent.id, format: 'minimal' })
    expect(labelIds).toEqual(expect.arrayContaining([label.id, 'STARRED']))
    const { labels } = await client.call('list_labels', {})
    expect(labels.map(({ name }) => name)).toContain('Herons')
  })

  it('creates, reads, sends and deletes drafts', async () => {
    const client = start()
    const draft = await client.call('create_draft', { to: ['bo@marshes.example'], subject: 'Draft', text: 'Soon' })
    expect((await client.call('get_draft', { draftId: draft.id })).message.text).toContain('Soon')
    const sent = await client.call('send_draft', { draftId: draft.id })
    expect(sent.id).not.toBe('')
    const other = await client.call('create_draft', { subject: 'Never', text: 'Sent' })
    expect(await client.call('delete_draft', { draftId: other.id })).toEqual({ deleted: true })
    const { drafts } = await client.call('list_drafts', {})
    expect(drafts.map(({ id }) => id)).not.toContain(other.id)
  })

  it('lists what changed since a history id', async () => {
    const client = start()
    const sent = await client.call('send_email', { to: ['bo@marshes.example'], subject: 'First', text: 'First' })
    const { historyId = '1' } = await client.call('get_message', { messageId: sent.id })
    await client.call('modify_labels', { messageIds: [sent.id], addLabelIds: ['STARRED'] })
    const { history } = await client.call('list_history', { startHistoryId: historyId })
    expect(JSON.stringify(history)).toContain(sent.id)
  })

  it('reports an unknown message', async () => {
    const error = await errorOf(start().call('get_message', { messageId: 'nothing' }))
    expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { status: 404 } })
  })
})
