import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { smtp, smtpXoauth2 } from '../src/index.ts'
import { smtpTransport } from '../src/node.ts'

const mcp = createMcpClient({
  connectors: { mail: smtp({ host: 'smtp.example.com', from: 'ada@example.com', username: 'ada', password: 'x' }) },
  transport: smtpTransport({ hosts: ['smtp.example.com'] }),
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
  smtp({ host: 'smtp.example.com', security: 'ssl' })
  // @ts-expect-error tokens have no password
  smtpXoauth2({ password: 'x' })
  // @ts-expect-error the hosts are required
  smtpTransport({})
})
