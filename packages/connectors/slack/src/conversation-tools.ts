import { tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { Channel, Message } from './answers.ts'
import { tier2, tier3, tier4 } from './limits.ts'
import { call, channelId, pageSize, pagesOf, teamId, timestamp } from './requests.ts'

const kind = z.enum(['public_channel', 'private_channel', 'mpim', 'im'])
const reading = ['channels:read', 'groups:read', 'im:read', 'mpim:read']
const history = ['channels:history', 'groups:history', 'im:history', 'mpim:history']
const between = {
  oldest: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .optional()
    .describe('Only messages after this ts, or Unix time in seconds.'),
  latest: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .optional()
    .describe('Only messages before this ts, or Unix time in seconds.'),
  inclusive: z.boolean().optional().describe('Include messages at exactly oldest and latest.'),
}

export const listChannels = tool({
  description: 'List the channels that this token can see, with their ids, topics and whether the app is in them.',
  effect: 'read',
  limit: tier2,
  scopes: reading,
  input: z.object({
    types: z.array(kind).min(1).default(['public_channel']).describe('Each kind needs its own scope.'),
    exclude_archived: z.boolean().default(true),
    team_id: teamId,
    limit: pageSize('Channels'),
  }),
  output: z.object({ channels: z.array(Channel) }),
  request: ({ types, ...filter }) => call('conversations.list', { types: types.join(','), ...filter }),
  pages: pagesOf('channels'),
})

export const getChannel = tool({
  description: 'Get the name, topic, purpose and number of members of one channel or direct message.',
  effect: 'read',
  limit: tier3,
  scopes: reading,
  input: z.object({ channel: channelId }),
  output: z.object({ channel: Channel }),
  request: ({ channel }) => call('conversations.info', { channel, include_num_members: true }),
})

export const listChannelMembers = tool({
  description: 'List the ids of the users in a channel. get_user tells who they are.',
  effect: 'read',
  limit: tier4,
  scopes: reading,
  input: z.object({ channel: channelId, limit: pageSize('Ids') }),
  output: z.object({ members: z.array(z.string()) }),
  request: (input) => call('conversations.members', input),
  pages: pagesOf('members'),
})

export const getChannelHistory = tool({
  description:
    'Read the latest messages of a channel, newest first, without the replies in threads (see get_thread_replies). ' +
    'For older ones, pass the ts of the oldest you have as latest.',
  effect: 'read',
  limit: tier3,
  scopes: history,
  input: z.object({
    channel: channelId,
    ...between,
    limit: z.number().int().min(1).max(999).default(100).describe('How many messages.'),
  }),
  output: z.object({ messages: z.array(Message) }),
  request: (input) => call('conversations.history', input),
  // A channel may go back for years: a call reads one page, and who wants more says so.
  pages: pagesOf('messages', 1),
})

export const getThreadReplies = tool({
  description: 'Read a thread: the message that began it, then its replies, oldest first.',
  effect: 'read',
  limit: tier3,
  scopes: history,
  input: z.object({
    channel: channelId,
    ts: timestamp.describe('ts of the message that began the thread, or of any reply.'),
    ...between,
    limit: pageSize('Messages'),
  }),
  output: z.object({ messages: z.array(Message) }),
  request: (input) => call('conversations.replies', input),
  pages: pagesOf('messages'),
})

export const joinChannel = tool({
  description: 'Put the app into a public channel, so that it can read and write there.',
  effect: 'write',
  limit: tier3,
  // Being in it already is a warning, not an error.
  idempotent: true,
  scopes: ['channels:join'],
  input: z.object({ channel: channelId }),
  output: z.object({ channel: Channel }),
  request: (input) => call('conversations.join', input),
})

export const openConversation = tool({
  description:
    'Open, or find, the direct message with one user or with a group of up to eight. Answers its channel id.',
  effect: 'write',
  limit: tier3,
  // Slack answers the conversation that there is already.
  idempotent: true,
  scopes: ['im:write', 'mpim:write'],
  input: z.object({ users: z.array(z.string().min(1)).min(1).max(8).describe('Ids of users, without your own.') }),
  output: z.object({ channel: Channel }),
  request: ({ users }) => call('conversations.open', { users: users.join(','), return_im: true }),
})
