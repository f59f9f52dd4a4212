import { mark, nullable, webhook } from '@mcpclient/core/define'
import { hubHandshake, readChanges, RETRIES_FOR_MS } from '@mcpclient/meta'
import { meta } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'

const text = nullable(z.string())
const written = nullable(mark(z.string(), { untrusted: true, private: true }))

/** The events of an account. Source: https://developers.facebook.com/docs/instagram-platform/webhooks */
export const events = {
  comment: z.object({
    id: z.string(),
    text: written,
    from: nullable(z.object({ id: z.string(), username: written })),
    media: nullable(z.object({ id: z.string(), media_product_type: text })),
    parent_id: text.describe('The comment that it replies to.'),
  }),
  mention: z.object({
    media_id: z.string(),
    comment_id: text.describe('Absent if the account is mentioned in the caption.'),
  }),
}

/** Reads deliveries of the object `instagram`. The account of a connection is the id of the Instagram account. */
export const deliveries = webhook({
  verify: meta(),
  handshake: hubHandshake,
  retriesForMs: RETRIES_FOR_MS,
  read: readChanges('instagram', { comments: events.comment, mentions: events.mention }, ({ account, ...change }) => {
    const to = { account }
    if (change.field === 'comments') {
      return { id: change.value.id, to, event: 'comment' as const, data: change.value }
    }
    const { media_id, comment_id = '' } = change.value
    return { id: `${media_id}:${comment_id}`, to, event: 'mention' as const, data: change.value }
  }),
})
