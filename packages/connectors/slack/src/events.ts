import { nullable, webhook } from '@mcpclient/core/define'
import type { Handshake } from '@mcpclient/core/define'
import { slack as signed } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { Message } from './shapes.ts'

const text = nullable(z.string())
const userIds = nullable(z.array(z.string()))
/** The time of an event; different for each event of a workspace, even if Slack delivers it under several ids. */
const stamped = { event_ts: z.string() }
const Reaction = z.object({
  ...stamped,
  user: z.string(),
  reaction: z.string().describe('The name of the emoji, without colons.'),
  item_user: text.describe('The author of the message.'),
  item: z.object({ type: z.string(), channel: text, ts: text }),
})

/** The events of a workspace. Source: https://docs.slack.dev/reference/events */
export const events = {
  message: Message.extend({
    ...stamped,
    channel: z.string(),
    channel_type: text,
    deleted_ts: text.describe('The ts of the message that was deleted, if subtype is message_deleted.'),
    message: nullable(Message).describe('The new version, if subtype is message_changed.'),
    previous_message: nullable(Message).describe('The version before it was changed or deleted.'),
  }),
  app_mention: Message.extend({ ...stamped, channel: z.string() }),
  reaction_added: Reaction,
  reaction_removed: Reaction,
  channel_created: z.object({
    ...stamped,
    channel: z.object({ id: z.string(), name: z.string(), creator: text, created: nullable(z.number()) }),
  }),
  app_uninstalled: z.object({}),
  tokens_revoked: z.object({
    tokens: z.object({ oauth: userIds, bot: userIds }).describe('The ids of the users whose tokens were revoked.'),
  }),
}

type EventName = keyof typeof events
const isEvent = (name: string): name is EventName => Object.hasOwn(events, name)

const Envelope = z.object({
  type: z.string(),
  event_id: z.string(),
  team_id: z.string(),
  event: z.looseObject({ type: z.string() }),
  /** The installation that may see the event: one, even if there are more. */
  authorizations: nullable(z.array(z.object({ team_id: text, user_id: z.string() }))),
})
const Request = z.looseObject({ type: z.string() })
const Check = z.object({ type: z.literal('url_verification'), challenge: z.string() })

const handshake: Handshake = {
  proof: 'signature',
  respond: ({ bytes }) => {
    const check = Check.safeParse(JSON.parse(new TextDecoder().decode(bytes)))
    return check.success ? { text: check.data.challenge } : undefined
  },
}

/**
 * Reads deliveries of the Events API. The account of a connection is a user of a workspace: the bot, or the user who
 * installed the app.
 */
export const eventsApi = webhook({
  verify: signed(),
  handshake,
  read: ({ json }) => {
    const { type } = json(Request)
    if (type !== 'event_callback') return { ignore: `requests of the type ${type}` }
    const { event_id: id, team_id: team, event, authorizations } = json(Envelope)
    const name = event.type
    if (!isEvent(name)) return { ignore: `events of the type ${name}` }
    const { event: data } = json(z.object({ event: events[name] }))
    const accountsOf = (): readonly string[] => {
      if (name === 'tokens_revoked') {
        const { oauth = [], bot = [] } = json(z.object({ event: events.tokens_revoked })).event.tokens
        return [...oauth, ...bot].map((user) => `${team}:${user}`)
      }
      // Slack names no user here. The id of the workspace alone finds only the app's own credential.
      if (name === 'app_uninstalled') return [team]
      return (authorizations ?? []).map(({ team_id = team, user_id: user }) => `${team_id}:${user}`)
    }
    return [...new Set(accountsOf())].map((account) => ({ id, to: { account }, event: name, data }))
  },
})
