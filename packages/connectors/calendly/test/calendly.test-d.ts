import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { calendly } from '../src/index.ts'

const mcp = createMcpClient({ connectors: { calendly: calendly({ token: 'x', signingSecret: 'y' }) } })
const ada = mcp.as('ada').calendly

it('types calls from the schemas', () => {
  const me = () => ada.call('get_current_user', {})
  expectTypeOf<Awaited<ReturnType<typeof me>>['current_organization']>().toEqualTypeOf<string | undefined>()
  const listed = () => ada.call('list_scheduled_events', { user: 'A' })
  expectTypeOf<Awaited<ReturnType<typeof listed>>['collection'][number]['start_time']>().toEqualTypeOf<string>()
})

it('types events from their schemas', () => {
  mcp.on('calendly.invitee_created', ({ data }) => {
    expectTypeOf(data.scheduled_event?.start_time).toEqualTypeOf<string | undefined>()
  })
  // @ts-expect-error names have no dots
  mcp.on('calendly.invitee.created', () => undefined)
})

it('rejects wrong calls', () => {
  // @ts-expect-error an event has a uri
  void ada.call('cancel_event', { reason: 'Rain' })
  // @ts-expect-error canceling is no reading
  void ada.getData('cancel_event', { event: 'A' })
})
