import { memoryStore } from '@mcpclient/core'
import type { ClientContext } from '@mcpclient/core'
import { createFakeClock } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { Channels } from '../src/channels.ts'
import { followNotice } from '../src/subscription-notices.ts'

/** Creates a live channel, and a client that notes the jobs that are scheduled. */
async function setUp({ hasJobs = true } = {}) {
  const clock = createFakeClock()
  const scheduled: unknown[] = []
  const client = {
    clock,
    hasJobs,
    jobs: {
      schedule: async (handler: string, _key: string, { at }: { readonly at: number }) =>
        void scheduled.push([handler, at - clock.now()]),
    },
  } as unknown as ClientContext
  const channels = new Channels(memoryStore({ clock }), clock)
  const channel = { serverId: 'notes', tenant: 'ada', connection: 'default', params: {}, state: 'live' } as const
  await channels.write('c1', { ...channel, createdAt: clock.now(), expiresAt: clock.now() + 1000 })
  const follow = (subscription: 'due' | 'ended' | undefined, id = 'c1') =>
    followNotice(client, channels, { to: { channel: id }, subscription })
  return { channels, scheduled, clock, follow, channel }
}

describe('a notice about a subscription', () => {
  it('renews it now if it is due', async () => {
    const { channels, scheduled, follow } = await setUp()
    await follow('due')
    expect(scheduled).toEqual([['webhook_subscription', 0]])
    expect(await channels.read('c1')).toMatchObject({ isDue: true, state: 'live' })
  })

  it('makes it again if it has ended', async () => {
    const { channels, scheduled, follow, clock } = await setUp()
    await follow('ended')
    expect(scheduled).toEqual([['webhook_subscription', 0]])
    expect(await channels.read('c1')).toMatchObject({ expiresAt: clock.now() })
  })

  it('is not followed for a channel that was stopped or is unknown, and for any other notice', async () => {
    const { channels, channel, scheduled, follow, clock } = await setUp()
    await follow(undefined)
    await follow('ended', 'c2')
    await channels.write('c1', { ...channel, state: 'stopped', createdAt: clock.now() })
    await follow('due')
    expect(scheduled).toEqual([])
  })

  it('waits for the next check of the host if it runs no jobs', async () => {
    const { scheduled, follow } = await setUp({ hasJobs: false })
    await follow('due')
    expect(scheduled).toEqual([])
  })
})
