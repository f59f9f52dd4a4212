import {
  binary,
  ConnectorError,
  fromBase64,
  mark,
  nullable,
  numberedPages,
  post,
  send,
  tool,
} from '@mcpclient/core/define'
import * as z from 'zod'
import { call, destroys, pagesOf, pageSize, reads, writes } from '../requests.ts'
import { channel, Done, Match, team_id, ts } from '../shapes.ts'
import type { Context } from '../shapes.ts'

const to = mark(channel, { destination: 'channel' })
const thread_ts = ts.optional().describe('ts of the message to reply to; the first of its thread.')
// Slack truncates longer text and reports it only in a warning.
const text = z.string().min(1).max(40_000)
const Block = z.looseObject({ type: z.string() })
const content = {
  text: text.describe(
    "The message in Slack's mrkdwn: *bold*, _italic_, ~struck~, `code`, <https://example.com|link>, <@U024BE7LH> for a " +
      'mention. With blocks: what notifications and screen readers show instead.',
  ),
  blocks: z.array(Block).max(50).optional(),
}
const sending = {
  channel: to.optional().describe('Id of a channel, or of a user for a direct message. Absent: the default channel.'),
  ...content,
  thread_ts,
  reply_broadcast: z.boolean().optional().describe('Show a reply in the channel as well as in its thread.'),
  unfurl_links: z.boolean().optional().describe('Whether links get a preview.'),
}
const Sent = z.object({ channel: z.string(), ts: z.string() })
const time = z.number().int().positive().max(9_999_999_999, 'Seconds since 1970, not milliseconds.')
const Scheduled = z.object({
  // A number in Slack's documentation, a string in its responses.
  id: z.preprocess((id) => (typeof id === 'number' ? String(id) : id), z.string()),
  channel_id: z.string(),
  post_at: z.number(),
  date_created: z.number(),
  text: mark(z.string(), { private: true }),
})
const emoji = z.string().regex(/^[^:\s]+(::skin-tone-[2-6])?$/, 'Without colons: thumbsup, not :thumbsup:.')
const reaction = z.object({ channel, timestamp: ts, name: emoji.describe('Name of the emoji without colons.') })
// A call reads one page unless the caller asks for more.
const bestFirst = { items: 'messages.matches', totalPages: 'messages.paging.pages', max: 1 }
const Upload = z.object({ upload_url: z.url(), file_id: z.string() })
const File = z.object({ id: z.string(), title: nullable(z.string()) })

export const messages = {
  send_message: tool({
    description: 'Post a message to a channel, direct message or thread. Returns the ts that replies and updates need.',
    ...writes('none', 'chat:write'),
    input: z.object(sending),
    output: Sent,
    request: (input, context: Context) => call('chat.postMessage', { ...input, channel: target(input, context) }),
    preview: (input, context) => `Post to ${target(input, context)}: ${input.text}`,
    undo: ({ output }) => ({ tool: 'delete_message', input: output }),
    reconcile: 'Find the text with get_channel_history (a reply: get_thread_replies) before you send it again.',
    examples: [{ input: { channel: 'C024BE91L', text: 'Fixed.', thread_ts: '1503435956.000247' }, note: 'a reply' }],
  }),
  update_message: tool({
    description: 'Replace the text of a message that this app has sent. It shows as edited, without a notification.',
    ...writes(3, 'chat:write'),
    // The whole text is replaced, so the second time changes nothing.
    idempotent: true,
    input: z.object({ channel: to, ts, ...content }),
    output: Sent.extend({ text: nullable(z.string()) }),
    request: (input) => call('chat.update', input),
    preview: (input) => `Replace the message ${input.ts} in ${input.channel} with: ${input.text}`,
    undo: 'impossible',
  }),
  delete_message: tool({
    description: 'Delete a message that this app has sent, for all users and for good.',
    ...destroys(3, 'chat:write'),
    input: z.object({ channel, ts }),
    output: Sent,
    request: (input) => call('chat.delete', input),
    preview: (input) => `Delete the message ${input.ts} in ${input.channel}.`,
    reconcile: 'Call it again: message_not_found means that it was deleted.',
  }),
  schedule_message: tool({
    description: 'Have Slack post a message later, at most 120 days ahead. delete_scheduled_message takes it back.',
    ...writes(3, 'chat:write'),
    input: z.object({ ...sending, post_at: time.describe('When to post it: seconds since 1970 (Unix time).') }),
    output: z.object({ channel: z.string(), scheduled_message_id: z.string(), post_at: z.number() }),
    request: (input, context: Context) => call('chat.scheduleMessage', { ...input, channel: target(input, context) }),
    preview: (input, context) =>
      `Post to ${target(input, context)} at ${new Date(input.post_at * 1000).toISOString()}: ${input.text}`,
    undo: ({ output: { post_at: _time, ...input } }) => ({ tool: 'delete_scheduled_message', input }),
    reconcile: 'Find it with list_scheduled_messages before you schedule it again.',
  }),
  list_scheduled_messages: tool({
    description: 'List the messages that this app has scheduled and Slack has not posted yet.',
    ...reads(3),
    input: z.object({
      channel: channel.optional(),
      oldest: time.optional().describe('Only those to be posted from then on: seconds since 1970.'),
      latest: time.optional().describe('Only those to be posted until then: seconds since 1970.'),
      limit: pageSize('Messages'),
      team_id,
    }),
    output: z.object({ scheduled_messages: z.array(Scheduled) }),
    request: (filter) => call('chat.scheduledMessages.list', filter),
    pages: pagesOf('scheduled_messages'),
  }),
  delete_scheduled_message: tool({
    description: 'Cancel a message that this app has scheduled, before Slack posts it.',
    ...destroys(3, 'chat:write'),
    input: z.object({ channel, scheduled_message_id: z.string().min(1) }),
    output: Done,
    request: (input) => call('chat.deleteScheduledMessage', input),
    preview: (input) => `Cancel the scheduled message ${input.scheduled_message_id} in ${input.channel}.`,
    reconcile: 'Check whether list_scheduled_messages still has it.',
  }),
  add_reaction: tool({
    description: 'React to a message with an emoji. already_reacted means that it is there already.',
    ...writes(3, 'reactions:write'),
    input: reaction,
    output: Done,
    request: (input) => call('reactions.add', input),
    preview: (input) => `React with :${input.name}: to the message ${input.timestamp} in ${input.channel}.`,
    undo: ({ input }) => ({ tool: 'remove_reaction', input }),
    reconcile: 'Call it again: already_reacted means that it was added.',
  }),
  remove_reaction: tool({
    description: "Remove this account's own reaction from a message. no_reaction means that there is none.",
    ...writes(2, 'reactions:write'),
    input: reaction,
    output: Done,
    request: (input) => call('reactions.remove', input),
    preview: (input) => `Remove the reaction :${input.name}: from the message ${input.timestamp} in ${input.channel}.`,
    undo: ({ input }) => ({ tool: 'add_reaction', input }),
    reconcile: 'Call it again: no_reaction means that it was removed.',
  }),
  upload_file: tool({
    description: 'Upload a file and share it. Pass content for text, content_base64 for anything else.',
    ...writes(4, 'files:write'),
    input: z
      .object({
        filename: z.string().min(1).describe('With its extension: report.pdf.'),
        content: z.string().min(1).optional().describe('The text of the file.'),
        content_base64: z.base64().min(1).optional().describe('The bytes of the file, in base64.'),
        title: z.string().optional().describe('Shown instead of the filename.'),
        channel: to.optional().describe('Absent: the file stays private to the app.'),
        thread_ts,
        initial_comment: z.string().optional().describe('A message that introduces the file.'),
        alt_txt: z.string().max(1000).optional().describe('Describes an image to screen readers.'),
        snippet_type: z.string().optional().describe('Syntax of a snippet, such as python.'),
      })
      .refine((file) => !file.content !== !file.content_base64, 'Pass either content or content_base64.'),
    output: z.object({ file: File }),
    // In three steps: https://docs.slack.dev/reference/methods/files.getUploadURLExternal
    *run({ content: characters, content_base64 = '', ...input }) {
      const { title, channel: channel_id, thread_ts: thread, initial_comment, ...file } = input
      const bytes = characters === undefined ? fromBase64(content_base64) : new TextEncoder().encode(characters)
      const asked = call('files.getUploadURLExternal', { ...file, length: bytes.byteLength })
      // An unused upload URL changes nothing, so this step may be repeated.
      const { upload_url, file_id: id } = yield* send(asked, Upload, { effect: 'read' })
      yield* send(post(upload_url, binary(bytes, 'application/octet-stream'), { read: 'text' }), z.unknown())
      const share = { files: [{ id, title }], channel_id, thread_ts: thread, initial_comment }
      const { files } = yield* send(call('files.completeUploadExternal', share), z.object({ files: z.array(File) }))
      return { file: files[0] ?? { id, title } }
    },
    preview: (input) => `Upload ${input.filename}${input.channel ? ` and share it in ${input.channel}` : ''}.`,
    undo: 'impossible',
    reconcile: 'Find the file in the channel with get_channel_history before you upload it again.',
  }),
  search_messages: tool({
    description:
      'Search all messages that the user of this token can see. Works with a user token (xoxp-) only: Slack refuses bot ' +
      'tokens. The query takes Slack\'s modifiers: from:@ada in:#general before:2026-01-31 has:link "exact words".',
    ...reads(2, 'search:read'),
    input: z.object({
      query: z.string().min(1),
      sort: z.enum(['score', 'timestamp']).default('score'),
      sort_dir: z.enum(['desc', 'asc']).default('desc'),
      count: z.number().int().min(1).max(100).default(20).describe('How many matches.'),
      page: z.number().int().min(1).max(100).default(1).describe('Which page of that many.'),
      team_id,
    }),
    output: z.object({ messages: z.object({ total: z.number(), matches: z.array(Match) }) }),
    request: (input) => call('search.messages', input),
    pages: numberedPages({ param: 'page', place: 'body', ...bestFirst }),
  }),
}

function target(input: { readonly channel?: string | undefined }, { settings }: Context): string {
  const known = input.channel ?? settings.defaultChannel
  if (known !== undefined) return known
  throw new ConnectorError('INVALID_INPUT', 'No channel was named, and Slack was composed without defaultChannel.', {
    hint: 'Pass channel, or compose slack({ defaultChannel }).',
    issues: [{ path: 'channel', message: 'Required here.' }],
  })
}
