import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { facebook, facebookUser } from '../src/index.ts'
import type { FacebookTypes } from '../src/index.ts'

const app = { clientId: 'c', clientSecret: 's' }
const ada = createMcpClient({ connectors: { page: facebook(app), user: facebookUser(app) } }).as('ada')

it('types calls from the schemas', () => {
  expectTypeOf(ada.page.call('create_post', { message: 'Hello' })).resolves.toEqualTypeOf<{ id: string }>()
  const listed = () => ada.user.call('list_pages', {})
  expectTypeOf<Awaited<ReturnType<typeof listed>>['data'][number]['tasks']>().toEqualTypeOf<string[] | undefined>()
  expectTypeOf<FacebookTypes['events']['feed']['item']>().toEqualTypeOf<string>()
})

it('rejects wrong calls and options', () => {
  // @ts-expect-error an unknown option
  facebook({ appId: 'c' })
  // @ts-expect-error a time is a number
  void ada.page.call('create_post', { message: 'Hello', scheduled_publish_time: '2026-12-01' })
  // @ts-expect-error a tool of the user
  void ada.page.call('list_pages', {})
})
