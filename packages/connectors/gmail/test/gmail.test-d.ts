import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { gmail, gmailServiceAccount } from '../src/index.ts'
import type { GmailTypes } from '../src/index.ts'

const connectors = {
  mail: gmail({ clientId: 'c', clientSecret: 's', topicName: 'projects/p/topics/t', signingSecret: 'a@b.example' }),
  robot: gmailServiceAccount({
    clientEmail: 'heron@marshes.iam.gserviceaccount.com',
    privateKey: 'k',
    subject: 'a@b.c',
  }),
}
const ada = createMcpClient({ connectors }).as('ada')

it('types calls from the schemas', () => {
  const get = () => ada.mail.call('get_message', { messageId: 'm1' })
  type Message = Awaited<ReturnType<typeof get>>
  expectTypeOf<Message['text']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Message['labelIds']>().toEqualTypeOf<string[]>()
  expectTypeOf(ada.mail.call('delete_draft', { draftId: 'r1' })).resolves.toEqualTypeOf<{ deleted: true }>()
  expectTypeOf(ada.robot.call('list_threads', {})).resolves.toHaveProperty('complete')
  const attachments = [{ filename: 'a.txt', content: 'AAAA' }]
  void ada.mail.call('send_email', {
    to: ['b@c.example', { email: 'd@e.example', name: 'D' }],
    subject: 'S',
    attachments,
  })
})

it('rejects wrong calls', () => {
  // @ts-expect-error an unknown option
  gmail({ clientID: 'c' })
  // @ts-expect-error the subject is required
  void ada.mail.call('send_email', { to: ['b@c.example'], text: 'Hi' })
  // @ts-expect-error a recipient has an address
  void ada.mail.call('send_email', { to: [{ name: 'B' }], subject: 'S', text: 'Hi' })
  // @ts-expect-error sending is no reading
  void ada.mail.getData('send_email', { to: ['b@c.example'], subject: 'S', text: 'Hi' })
  // @ts-expect-error an unknown format
  void ada.mail.call('get_message', { messageId: 'm1', format: 'raw' })
})

it('types the sync and its rows', () => {
  void ada.mail.syncData('messages', { direction: 'both', params: { format: 'full' } })
  void ada.robot.syncData('messages', { direction: 'pull', params: {} })
  // @ts-expect-error labels are a field of the messages
  void ada.mail.syncData('labels', { direction: 'pull' })
  // @ts-expect-error a wrong parameter
  void ada.mail.syncData('messages', { direction: 'pull', params: { format: 'raw' } })
  type Row = GmailTypes['syncs']['messages']['item']
  expectTypeOf<Row['labelIds']>().toEqualTypeOf<string[]>()
  expectTypeOf<Row['subject']>().toEqualTypeOf<string | null | undefined>()
  expectTypeOf<Row>().not.toHaveProperty('historyId')
})
