import { ConnectorError, post, sync, valueAt, webhook } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import { pubSubMessage } from '@mcpclient/google'
import { googlePush } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { changedMessages } from './changed-messages.ts'
import { costs } from './costs.ts'
import { getMessage, messageAt } from './requests.ts'
import { scopes } from './scopes.ts'
import { contentFields, Row } from './shapes.ts'

export const Settings = z.object({
  topicName: z
    .string()
    .regex(/^projects\/[^/]+\/topics\/[^/]+$/, 'Write it as projects/my-project/topics/my-topic.')
    .optional()
    .describe('The Pub/Sub topic for push notifications.'),
})

/** The messages of a mailbox, one way in, and their labels, both ways. */
export const messages = sync({
  description: 'The messages of the mailbox, one way in, with their labels, both ways. Spam and trash are included.',
  params: z.object({
    format: z.enum(['metadata', 'full']).default('metadata').describe('full: with the bodies and attachments.'),
  }),
  item: Row,
  key: 'id',
  revision: (message) => Number(valueAt(message, 'historyId')) || undefined,
  readOnly: contentFields,
  sets: ['labelIds'],
  // The response to a modification has the labels and nothing else.
  sparse: true,
  codes: { expired: ['notFound'], gone: ['notFound'] },
  scopes: [scopes.read],
  // Google does not document that a read shows an earlier write.
  settleMs: 60_000,
  pull: changedMessages,
  get: (id, { params }) => getMessage(id, params.format),
  push: {
    update: (_changes, { id, sets: { labelIds } }) =>
      post(
        `${messageAt(id)}/modify`,
        { addLabelIds: labelIds?.added, removeLabelIds: labelIds?.removed },
        costs.modifyMessage,
      ),
  },
})

const DAY_MS = 86_400_000
const Notification = z.object({ emailAddress: z.string().min(1) })

const watch = (_channel: unknown, { settings }: ToolContext<z.output<typeof Settings>>) => {
  const { topicName } = settings
  if (topicName !== undefined) return post('users/me/watch', { topicName }, costs.watch)
  throw new ConnectorError('CONFIGURATION_ERROR', 'gmail has no topic for push notifications.', {
    hint: "Pass topicName: 'projects/my-project/topics/my-topic' to its factory.",
  })
}

/**
 * Push notifications through Pub/Sub. One says only that something changed: its history id may be older than what was pulled.
 *
 * Source: https://developers.google.com/workspace/gmail/api/guides/push
 */
export const mailboxPush = webhook({
  verify: googlePush(),
  read: ({ json }) => {
    const { id, data } = json(pubSubMessage(Notification))
    return { id, to: { account: data.emailAddress }, sync: 'messages' }
  },
  subscribe: {
    lifeMs: 7 * DAY_MS,
    renewAfterMs: DAY_MS,
    perAccount: true,
    create: watch,
    renew: watch,
    created: z
      .object({ expiration: z.coerce.number() })
      .transform(({ expiration }) => ({ handle: 'mailbox', expiresAt: expiration })),
    stop: () => post('users/me/stop', undefined, costs.stop),
  },
})
