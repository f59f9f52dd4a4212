import { mark, nullable } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'

export const Settings = z.object({
  /** The default channel of send_message and schedule_message: an id such as `C024BE91L`. */
  defaultChannel: z.string().min(1).optional(),
})
export type Context = ToolContext<z.output<typeof Settings>>

const id = z.string().min(1)
export const channel = id.describe('Id of the channel, such as C024BE91L; list_channels returns it.')
export const user = id.describe('Id of the user, such as U024BE7LH.')
export const team_id = id.optional().describe('Id of the workspace, with a token of an Enterprise Grid organization.')
/** A message's id, which is also the time it was sent: seconds and microseconds since 1970. */
export const ts = z.string().regex(/^\d+\.\d+$/, 'A ts looks like 1503435956.000247.')

/** Text that members of the workspace and its apps write. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))
const personal = nullable(mark(z.string(), { private: true }))
const text = nullable(z.string())
const flag = nullable(z.boolean())

export const Done = z.object({ ok: z.literal(true) })

export const Message = z.object({
  ts: z.string().describe('Names the message within its channel, for updates, deletions and replies.'),
  text: written,
  user: text.describe('Absent for what a bot without a user wrote.'),
  bot_id: text,
  username: written,
  subtype: text.describe('Absent for what a user wrote; channel_join, bot_message and others.'),
  thread_ts: text.describe('The ts of the message that began the thread.'),
  reply_count: nullable(z.number()),
  edited: nullable(z.object({ user: z.string(), ts: z.string() })),
  reactions: nullable(z.array(z.object({ name: z.string(), count: z.number(), users: z.array(z.string()) }))),
  files: nullable(z.array(z.object({ id: z.string(), name: written, permalink: text }))),
})

export const Match = Message.pick({ ts: true, text: true, user: true, username: true }).extend({
  channel: z.object({ id: z.string(), name: text }),
  permalink: text,
})

const Topic = nullable(z.object({ value: mark(z.string(), { untrusted: true }) }))

export const Channel = z.object({
  id: z.string(),
  name: text.describe('Absent for a direct message.'),
  user: text.describe('The other user of a direct message.'),
  is_private: flag,
  is_im: flag,
  is_mpim: flag,
  is_archived: flag,
  is_member: flag.describe("Whether this token's account is in it."),
  num_members: nullable(z.number()),
  topic: Topic,
  purpose: Topic,
})

const Profile = { display_name: personal, title: personal, email: personal, status_text: written, status_emoji: text }

export const User = z.object({
  id: z.string(),
  name: text,
  real_name: personal,
  deleted: flag,
  is_bot: flag,
  is_admin: flag,
  tz: text.describe('IANA name, such as Europe/Berlin.'),
  profile: nullable(z.object(Profile)),
})
