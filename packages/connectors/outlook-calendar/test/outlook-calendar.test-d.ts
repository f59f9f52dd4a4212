import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { outlookCalendar } from '../src/index.ts'

const calendar = createMcpClient({ connectors: { calendar: outlookCalendar() } }).as('ada').calendar
const time = { dateTime: '2026-11-02T10:00:00' }

it('types the inputs and outputs of the tools', async () => {
  const event = await calendar.call('create_event', { subject: 'Ringing', start: time, end: time })
  expectTypeOf(event.id).toEqualTypeOf<string>()
  const { value, complete } = await calendar.call('list_events', {
    startDateTime: '2026-11-02T00:00:00Z',
    endDateTime: '2026-11-03T00:00:00Z',
  })
  expectTypeOf(complete).toEqualTypeOf<boolean>()
  expectTypeOf(value[0]?.type).toExtend<string | null | undefined>()
  // @ts-expect-error an event needs an end
  await calendar.call('create_event', { subject: 'Ringing', start: time })
  // @ts-expect-error there is no such response
  await calendar.call('respond_to_event', { eventId: 'e', response: 'maybe' })
})

it('types the composition and the params of the sync', async () => {
  outlookCalendar({ clientId: 'c', clientSecret: 's', tenant: 'organizations', signingSecret: 'x' })
  // @ts-expect-error a tenant is a string
  outlookCalendar({ tenant: 1 })
  await calendar.syncData('events', {
    direction: 'pull',
    params: { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' },
  })
  // @ts-expect-error an interval has an end
  await calendar.syncData('events', { direction: 'pull', params: { from: '2026-01-01T00:00:00Z' } })
})
