import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { sendgrid } from '../src/index.ts'

const mcp = createMcpClient({ connectors: { mail: sendgrid({ token: 'SG.x', region: 'eu', signingSecret: 'key' }) } })
const { mail } = mcp.as('ada')
const email = { to: ['bo@example.com'], subject: 'Count', text: '12 egrets' }

it('types calls from the schemas', () => {
  expectTypeOf(mail.call('send_email', email)).resolves.toEqualTypeOf<{
    accepted: true
    message_id?: string | undefined
  }>()
  expectTypeOf(mail.call('schedule_email', { ...email, send_at: 1793620800 })).resolves.toEqualTypeOf<{
    batch_id: string
    send_at: number
    message_id?: string | undefined
  }>()
})

it('rejects wrong calls and settings', () => {
  // @ts-expect-error a recipient is required
  void mail.call('send_email', { subject: 'Count', text: '12 egrets' })
  // @ts-expect-error an unknown list
  void mail.call('list_suppressions', { list: 'bounced' })
  // @ts-expect-error an unknown region
  sendgrid({ token: 'SG.x', region: 'asia' })
})

it('types events from their schemas', () => {
  mcp.on('mail.bounce', ({ data }) => {
    expectTypeOf(data.email).toEqualTypeOf<string>()
    expectTypeOf(data.reason).toEqualTypeOf<string | undefined>()
  })
  // @ts-expect-error SendGrid has no such event
  mcp.on('mail.bounced', () => undefined)
})

it('takes the verification key of a tenant with the credential, and that of the app at composition', () => {
  void mail.connect({ token: 'SG.y' })
  void mail.connect({ token: 'SG.y', signingSecret: 'key' })
  // @ts-expect-error a tenant has one key: a new one is passed to rotate()
  void mail.connect({ token: 'SG.y', signingSecret: ['new', 'old'] })
  // @ts-expect-error the API key is required
  void mail.connect({ signingSecret: 'key' })
  sendgrid({ token: 'SG.x', signingSecret: ['new', 'old'] })
  // @ts-expect-error a secret is a string
  sendgrid({ token: 'SG.x', signingSecret: 7 })
  // @ts-expect-error the API key is a string
  sendgrid({ token: 7, signingSecret: 'key' })
})
