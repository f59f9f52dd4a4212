import { del, nullable, path, post, webhook } from '@mcpclient/core/define'
import type { Handshake } from '@mcpclient/core/define'
import { asana as signed, channelSecret } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'

const text = nullable(z.string())
const Resource = z.object({ gid: z.string(), resource_type: text, resource_subtype: text })

/** The events of a subscription. They name objects by gid only. Source: https://developers.asana.com/reference/events */
export const events = {
  change: z.object({
    action: z.string().describe('changed, added, removed, deleted or undeleted.'),
    created_at: text,
    user: nullable(z.object({ gid: z.string() })).describe('The user who did it. Absent if Asana did.'),
    resource: Resource,
    parent: nullable(Resource).describe('What the resource was added to or removed from.'),
    change: nullable(z.object({ field: text, action: text })).describe('The field that changed, if action is changed.'),
  }),
}

/** Asana calls the address while it creates a webhook, and expects the header in the response. */
const handshake: Handshake = {
  proof: 'subscription',
  respond: ({ header }) => {
    const secret = header('x-hook-secret')
    return secret === undefined ? undefined : { headers: { 'x-hook-secret': secret } }
  },
}

interface Channel {
  readonly id: string
  readonly address: string
  readonly params: {
    /** The gid of a task, a project or another object. */
    readonly resource: string
    /** The events to send. Workspaces and teams need at least one filter. @default all */
    readonly filters?: readonly {
      readonly resource_type: string
      readonly resource_subtype?: string
      readonly action?: 'changed' | 'added' | 'removed' | 'deleted' | 'undeleted'
      /** The fields whose changes are events, for the action changed. */
      readonly fields?: readonly string[]
    }[]
  }
}
const Created = z.object({ data: z.object({ gid: z.string() }), 'X-Hook-Secret': z.string().min(1) })

/**
 * Reads the events of webhooks. Each webhook has a secret of its own, which the response to its creation has.
 * Source: https://developers.asana.com/docs/webhooks-guide
 */
export const hooks = webhook({
  verify: channelSecret(signed()),
  handshake,
  read: ({ json, channels: [channel = ''] }) => {
    const { events: changes } = json(z.object({ events: z.array(events.change) }))
    if (changes.length === 0) return { ignore: 'a heartbeat' }
    return changes.map((data) => ({ to: { channel }, event: 'change' as const, data }))
  },
  subscribe: {
    create: ({ id, address, params: { resource, filters } }: Channel) =>
      post('webhooks', { data: { resource, target: `${address}/${id}`, filters } }),
    created: Created.transform(({ data, 'X-Hook-Secret': secret }) => ({ handle: data.gid, secret })),
    stop: ({ handle }) => del(path`webhooks/${handle}`),
  },
  respondWithinMs: 10_000,
})
