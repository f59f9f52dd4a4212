import { mark, nullable, webhook } from '@mcpclient/core/define'
import { Delivered, hubHandshake } from '@mcpclient/meta'
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

/** Returns the notices of one entry: its comments and its mentions. */
function noticesOf({ id: account, changes }: z.output<typeof Delivered>['entry'][number]) {
  const to = { account }
  const valuesOf = (name: string) => changes.filter(({ field }) => field === name).map(({ value }) => value)
  return [
    ...valuesOf('comments').map((value) => {
      const data = events.comment.parse(value)
      return { id: data.id, to, event: 'comment' as const, data }
    }),
    ...valuesOf('mentions').map((value) => {
      const data = events.mention.parse(value)
      return { id: `${data.media_id}:${data.comment_id ?? ''}`, to, event: 'mention' as const, data }
    }),
  ]
}

/** Reads deliveries of the object `instagram`. The account of a connection is the id of the Instagram account. */
export const deliveries = webhook({
  verify: meta(),
  handshake: hubHandshake,
  read: ({ json }) => {
    const { object, entry } = json(Delivered)
    if (object !== 'instagram') return { ignore: `deliveries about the object ${object}` }
    const notices = entry.flatMap(noticesOf)
    return notices.length === 0 ? { ignore: 'changes of other fields than comments and mentions' } : notices
  },
})
