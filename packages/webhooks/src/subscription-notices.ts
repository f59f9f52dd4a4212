import type { ClientContext } from '@mcpclient/core'
import type { Notice } from '@mcpclient/core/define'
import type { Channels } from './channels.ts'
import { keyOf } from './subscription-rows.ts'

/** The name of the job that renews subscriptions. */
export const RENEWAL = 'webhook_subscription'

/** Renews a subscription now, or makes it again, if a notice says that it is due or has ended. */
export async function followNotice(
  client: ClientContext,
  channels: Channels,
  { to, subscription }: Notice,
): Promise<void> {
  if (subscription === undefined || !('channel' in to)) return
  const channel = await channels.read(to.channel)
  if (channel?.state !== 'live') return
  const now = client.clock.now()
  const changes = subscription === 'ended' ? { expiresAt: now } : { isDue: true }
  await channels.write(to.channel, { ...channel, ...changes })
  if (client.hasJobs) await client.jobs.schedule(RENEWAL, await keyOf(channel), { at: now })
}
