import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { outlookMail } from '../src/index.ts'
import type { OutlookMailTypes } from '../src/index.ts'

const connectors = { mail: outlookMail({ clientId: 'c', clientSecret: 's', tenant: 'organizations' }) }
const ada = createMcpClient({ connectors }).as('ada')

it('types calls from the schemas', () => {
  expectTypeOf(ada.mail.call('send_draft', { draftId: 'm1' })).resolves.toEqualTypeOf<{ accepted: true }>()
  expectTypeOf(ada.mail.call('list_messages', {})).resolves.toHaveProperty('complete')
  type Message = Awaited<ReturnType<typeof read>>
  expectTypeOf<Message['id']>().toEqualTypeOf<string>()
  expectTypeOf<Message['isRead']>().toEqualTypeOf<boolean | undefined>()
})

const read = () => ada.mail.call('get_message', { messageId: 'm1' })

it('rejects wrong calls', () => {
  // @ts-expect-error an unknown option
  outlookMail({ clientID: 'c' })
  // @ts-expect-error the subject is required
  void ada.mail.call('send_email', { to: ['bo@example.com'], text: 'x' })
  // @ts-expect-error one recipient is a list, too
  void ada.mail.call('send_email', { to: 'bo@example.com', subject: 'x', text: 'x' })
  // @ts-expect-error sending is no reading
  void ada.mail.getData('send_email', { to: ['bo@example.com'], subject: 'x', text: 'x' })
  // @ts-expect-error an unknown choice
  void ada.mail.call('update_message', { messageId: 'm1', flagStatus: 'done' })
})

it('types the sync and its rows', () => {
  void ada.mail.syncData('messages', { direction: 'pull', params: { folderId: 'archive', format: 'full' } })
  void ada.mail.syncData('messages', { direction: 'pull', params: {} })
  // @ts-expect-error there is no such sync
  void ada.mail.syncData('folders', { direction: 'pull' })
  // @ts-expect-error a wrong parameter
  void ada.mail.syncData('messages', { direction: 'pull', params: { folder: 'inbox' } })
  type Row = OutlookMailTypes['syncs']['messages']['item']
  expectTypeOf<Row['isRead']>().toEqualTypeOf<boolean | null | undefined>()
  expectTypeOf<Row>().not.toHaveProperty('lastModifiedDateTime')
})
