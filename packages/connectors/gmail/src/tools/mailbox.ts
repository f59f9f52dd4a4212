import { get, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { costs } from '../costs.ts'
import { getProfile, pagesOf } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { HistoryRecord, page, Profile } from '../shapes.ts'

/** The mailbox and its history. */
export const mailbox = {
  get_profile: tool({
    description: 'Get the address of the mailbox, its numbers of messages and threads, and its current history id.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({}),
    output: Profile,
    request: () => getProfile,
  }),
  list_history: tool({
    description: 'List what has changed since a history id: messages added and deleted, and labels added and removed.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({
      startHistoryId: z
        .string()
        .regex(/^\d+$/)
        .describe('historyId of get_profile or of a message. Known for a week at least.'),
      labelId: z.string().min(1).optional().describe('Only messages with this label.'),
      historyTypes: z.array(z.enum(['messageAdded', 'messageDeleted', 'labelAdded', 'labelRemoved'])).optional(),
      ...page,
    }),
    output: z.object({
      history: z.array(HistoryRecord).default([]),
      historyId: z.string().describe('The current history id of the mailbox.'),
    }),
    request: (input) => get('users/me/history', input, costs.listHistory),
    pages: pagesOf('history'),
  }),
}
