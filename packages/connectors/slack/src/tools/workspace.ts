import { mark, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { call, pagesOf, pageSize, reads, writes } from '../requests.ts'
import { channel, Channel, Message, team_id, ts, user, User } from '../shapes.ts'

const kind = z.enum(['public_channel', 'private_channel', 'mpim', 'im'])
const readsChannels = ['channels:read', 'groups:read', 'im:read', 'mpim:read']
const readsHistory = ['channels:history', 'groups:history', 'im:history', 'mpim:history']
const time = z.string().regex(/^\d+(\.\d+)?$/)
const between = {
  oldest: time.optional().describe('Only messages after this ts, or Unix time in seconds.'),
  latest: time.optional().describe('Only messages before this ts, or Unix time in seconds: the oldest you have.'),
  inclusive: z.boolean().optional().describe('Include messages at exactly oldest and latest.'),
}
const some = z.number().int().min(1).max(999).default(100).describe('How many messages.')
const inThread = ts.describe('ts of the message that began the thread, or of any reply.')
const recipients = mark(z.array(z.string().min(1)).min(1).max(8), { destination: 'recipient' })

/** Channels, direct messages and users. */
export const workspace = {
  list_channels: tool({
    description: 'List the channels that this token can see, with their ids, topics and whether the app is in them.',
    ...reads(2, ...readsChannels),
    input: z.object({
      types: z.array(kind).min(1).default(['public_channel']).describe('Each kind needs its own scope.'),
      exclude_archived: z.boolean().default(true),
      team_id,
      limit: pageSize('Channels'),
    }),
    output: z.object({ channels: z.array(Channel) }),
    request: ({ types, ...filter }) => call('conversations.list', { types: types.join(','), ...filter }),
    pages: pagesOf('channels'),
  }),
  get_channel: tool({
    description: 'Get the name, topic, purpose and number of members of one channel or direct message.',
    ...reads(3, ...readsChannels),
    input: z.object({ channel }),
    output: z.object({ channel: Channel }),
    request: (input) => call('conversations.info', { ...input, include_num_members: true }),
  }),
  list_channel_members: tool({
    description: 'List the ids of the users in a channel. get_user returns their names.',
    ...reads(4, ...readsChannels),
    input: z.object({ channel, limit: pageSize('Ids') }),
    output: z.object({ members: z.array(z.string()) }),
    request: (input) => call('conversations.members', input),
    pages: pagesOf('members'),
  }),
  get_channel_history: tool({
    description: 'Read a channel, newest message first, without the replies in threads: get_thread_replies reads them.',
    ...reads(3, ...readsHistory),
    input: z.object({ channel, ...between, limit: some }),
    output: z.object({ messages: z.array(Message) }),
    request: (input) => call('conversations.history', input),
    // A channel may go back for years: a call reads one page unless the caller asks for more.
    pages: pagesOf('messages', 1),
  }),
  get_thread_replies: tool({
    description: 'Read a thread: the message that began it, then its replies, oldest first.',
    ...reads(3, ...readsHistory),
    input: z.object({ channel, ts: inThread, ...between, limit: pageSize('Messages') }),
    output: z.object({ messages: z.array(Message) }),
    request: (input) => call('conversations.replies', input),
    pages: pagesOf('messages'),
  }),
  join_channel: tool({
    description: 'Put the app into a public channel, so that it can read and write there.',
    ...writes(3, 'channels:join'),
    // Being in it already is a warning, not an error.
    idempotent: true,
    input: z.object({ channel }),
    output: z.object({ channel: Channel }),
    request: (input) => call('conversations.join', input),
    preview: (input) => `Join the channel ${input.channel}.`,
  }),
  open_conversation: tool({
    description: 'Open or find the direct message with one user or a group of up to eight. Returns its channel id.',
    ...writes(3, 'im:write', 'mpim:write'),
    // Slack returns the conversation if it exists.
    idempotent: true,
    input: z.object({ users: recipients.describe('Ids of users, without your own.') }),
    output: z.object({ channel: Channel }),
    request: ({ users }) => call('conversations.open', { users: users.join(','), return_im: true }),
    preview: ({ users }) => `Open a direct message with ${users.join(', ')}.`,
  }),
  list_users: tool({
    description: 'List the users and bots of the workspace, those who have left included (deleted: true).',
    ...reads(2, 'users:read'),
    input: z.object({ limit: pageSize('Users'), team_id }),
    output: z.object({ members: z.array(User) }),
    request: (input) => call('users.list', input),
    pages: pagesOf('members'),
  }),
  get_user: tool({
    description: 'Get the name, time zone, title and status of one user.',
    ...reads(4, 'users:read'),
    input: z.object({ user }),
    output: z.object({ user: User }),
    request: (input) => call('users.info', input),
  }),
  find_user_by_email: tool({
    description: 'Find the user with exactly this email address.',
    ...reads(3, 'users:read.email'),
    input: z.object({ email: z.email() }),
    output: z.object({ user: User }),
    request: (input) => call('users.lookupByEmail', input),
  }),
}
