import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { mailchimpApiKey, mailchimpTransactional } from '../src/index.ts'

const mcp = createMcpClient({
  connectors: { lists: mailchimpApiKey({ apiKey: 'k-us6' }), mail: mailchimpTransactional({ apiKey: 'md-1' }) },
})
const { lists, mail } = mcp.as('ada')

it('types calls from the schemas', () => {
  expectTypeOf(lists.call('send_campaign', { campaign_id: 'c1' })).resolves.toEqualTypeOf<{ ok: true }>()
  type Sent = Awaited<ReturnType<typeof sent>>
  expectTypeOf<Sent[number]['status']>().toEqualTypeOf<string>()
})

const sent = () => mail.call('send_email', { to: ['bo@example.com'], subject: 'Count', text: '12 egrets' })

it('rejects wrong calls and settings', () => {
  // @ts-expect-error an unknown status
  void lists.call('update_member', { list_id: 'l1', subscriber_hash: 'h', status: 'gone' })
  // @ts-expect-error audiences send no e-mail
  void lists.call('send_email', { to: ['bo@example.com'], subject: 'Count' })
  // @ts-expect-error the key of another product has no data center
  mailchimpTransactional({ apiKey: 'md-1', dataCenter: 'us6' })
})

it('types events from their schemas', () => {
  mcp.on('lists.unsubscribe', ({ data }) => {
    expectTypeOf(data.email).toEqualTypeOf<string>()
  })
  mcp.on('mail.click', ({ data }) => {
    expectTypeOf(data.url).toEqualTypeOf<string | undefined>()
  })
})
