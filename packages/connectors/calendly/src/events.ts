import { del, nullable, path, post, webhook } from '@mcpclient/core/define'
import { calendly as signed, channelKey } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { uriOf, uuidOf } from './requests.ts'
import { Invitee, ScheduledEvent } from './shapes.ts'

const invitee = Invitee.extend({ scheduled_event: nullable(ScheduledEvent) })

/** The events of a subscription. Source: https://developer.calendly.com/api-docs/calendly-api/webhooks */
export const events = {
  invitee_created: invitee,
  invitee_canceled: invitee,
  invitee_no_show_created: invitee,
  invitee_no_show_deleted: invitee,
}

type EventName = keyof typeof events
const isEvent = (name: string): name is EventName => Object.hasOwn(events, name)

const Envelope = z.object({ event: z.string(), created_at: z.string(), created_by: z.string() })

interface Channel {
  readonly id: string
  readonly token: string
  readonly address: string
  readonly params: {
    /** The uri of the organization: current_organization of get_current_user. */
    readonly organization: string
    /** The uri of the user whose events to report. Absent: all users, for administrators. */
    readonly user?: string
    /** @default all events */
    readonly events?: readonly string[]
  }
}

const ALL = ['invitee.created', 'invitee.canceled', 'invitee_no_show.created', 'invitee_no_show.deleted'] as const

/** Reads the events of webhook subscriptions. Each subscription has a signing key of its own. */
export const subscriptions = webhook({
  verify: channelKey(signed()),
  read: ({ json, channels: [channel] }) => {
    const { event: name, created_at, created_by: account } = json(Envelope)
    const event = name.replace('.', '_')
    if (!isEvent(event)) return { ignore: `events of the kind ${name}` }
    const { payload: data } = json(z.object({ payload: events[event] }))
    const to = channel === undefined ? { account } : { channel }
    return { id: `${data.uri}:${created_at}`, to, event, data }
  },
  subscribe: {
    create: ({ id, token, address, params: { organization, user, events: names = ALL } }: Channel) =>
      post('webhook_subscriptions', {
        url: `${address}/${id}`,
        events: names,
        organization: uriOf('organizations', organization),
        user: uriOf('users', user),
        scope: user === undefined ? 'organization' : 'user',
        signing_key: token,
      }),
    created: z
      .object({ resource: z.object({ uri: z.string() }) })
      .transform(({ resource }) => ({ handle: resource.uri })),
    stop: ({ handle }) => del(path`webhook_subscriptions/${uuidOf(handle)}`),
  },
  // Source: https://developer.calendly.com/api-docs/webhooks/webhook-timeouts
  respondWithinMs: 15_000,
})
