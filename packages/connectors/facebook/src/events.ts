import { mark, nullable, webhook } from '@mcpclient/core/define'
import { hubHandshake, readChanges, RETRIES_FOR_MS } from '@mcpclient/meta'
import { meta } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'

const text = nullable(z.string())
const written = nullable(mark(z.string(), { untrusted: true, private: true }))

/** A change of the feed. Source: https://developers.facebook.com/docs/graph-api/webhooks/reference/page */
const Change = z.object({
  item: z.string().describe('post, status, photo, video, share, comment, reaction, and others.'),
  verb: z.string().describe('add, edited, remove, hide, unhide.'),
  post_id: text,
  comment_id: text,
  parent_id: text.describe('The post or comment that a comment is about.'),
  from: nullable(z.object({ id: z.string(), name: written })),
  message: written,
  link: text,
  photo_id: text,
  reaction_type: text,
  created_time: nullable(z.number()).describe('Seconds since 1970.'),
})

/** The events of a page. */
export const events = { feed: Change }

/** Returns an id that is the same in each repetition. Only an addition or a removal has a time of its own. */
function idOf(change: z.output<typeof Change>, sentAt: number | undefined): string {
  const { item, verb, comment_id, post_id, photo_id, from, reaction_type, created_time } = change
  const time = verb === 'add' || verb === 'remove' ? created_time : sentAt
  return [item, verb, comment_id ?? post_id ?? photo_id, from?.id, reaction_type, time].join(':')
}

/** Reads deliveries of the field `feed`. The account of a connection is its page. */
export const deliveries = webhook({
  verify: meta(),
  handshake: hubHandshake,
  retriesForMs: RETRIES_FOR_MS,
  read: readChanges('page', events, ({ account, time, field: event, value: data }) => ({
    id: idOf(data, time),
    to: { account },
    event,
    data,
  })),
})
