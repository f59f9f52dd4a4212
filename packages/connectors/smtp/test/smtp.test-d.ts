import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { smtp, smtpXoauth2 } from '../src/index.ts'
import { smtpMailer } from '../src/node.ts'

const mailer = smtpMailer()
const mcp = createMcpClient({
  connectors: {
    mail: smtp({ mailer, host: 'smtp.example.com', from: 'ada@example.com', username: 'ada', password: 'x' }),
  },
})
const { mail } = mcp.as('ada')

it('types calls from the schemas', () => {
  const sent = mail.call('send_email', { to: ['bo@example.com'], subject: 'Count', text: '12 egrets' })
  expectTypeOf(sent)
    .resolves.toHaveProperty('rejected')
    .toEqualTypeOf<{ address: string; reply?: string | undefined }[]>()
})

it('rejects wrong settings', () => {
  // @ts-expect-error an unknown kind of encryption
  smtp({ mailer, host: 'smtp.example.com', security: 'ssl' })
  // @ts-expect-error tokens have no password
  smtpXoauth2({ mailer, password: 'x' })
  // @ts-expect-error the mailer is required
  smtp({ host: 'smtp.example.com' })
})
