import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { slack } from '../src/index.ts'

const ada = createMcpClient({ connectors: { slack: slack({ token: 'x', defaultChannel: 'C024BE91L' }) } }).as('ada')

it('types calls from the schemas', () => {
  expectTypeOf(ada.slack.call('send_message', { text: 'Hi' })).resolves.toEqualTypeOf<{ channel: string; ts: string }>()
  expectTypeOf(ada.slack.call('list_channel_members', { channel: 'C1' })).resolves.toEqualTypeOf<
    { members: string[] } & { readonly complete: boolean }
  >()
  expectTypeOf(ada.slack.call('get_user', { user: 'U1' })).resolves.toHaveProperty('user')
  type Channels = Awaited<ReturnType<typeof listed>>
  expectTypeOf<Channels['channels'][number]['topic']>().toEqualTypeOf<{ value: string } | undefined>()
})

const listed = () => ada.slack.call('list_channels', {})

it('rejects wrong calls', () => {
  // @ts-expect-error unknown setting
  slack({ token: 'x', defaultChanel: 'C1' })
  // @ts-expect-error text is required
  void ada.slack.call('send_message', { channel: 'C1' })
  // @ts-expect-error sending is no reading
  void ada.slack.getData('send_message', { text: 'Hi' })
  // @ts-expect-error one message has no pages
  ada.slack.pages('send_message', { text: 'Hi' })
  // @ts-expect-error an unknown kind of channel
  void ada.slack.call('list_channels', { types: ['secret_channel'] })
})

it('types events from their schemas', () => {
  const mcp = createMcpClient({ connectors: { slack: slack({ token: 'x', signingSecret: ['new', 'old'] }) } })
  mcp.on('slack.message', ({ tenant, data }) => {
    expectTypeOf(tenant).toEqualTypeOf<string | undefined>()
    expectTypeOf(data.text).toEqualTypeOf<string | undefined>()
    expectTypeOf(data.channel).toEqualTypeOf<string>()
  })
  // @ts-expect-error Slack has no such event
  mcp.on('slack.messages', () => undefined)
})
