import * as z from 'zod'

/** What Slack leaves out, or writes as null. */
export const maybe = <S extends z.ZodType>(schema: S) => z.preprocess((value) => value ?? undefined, schema.optional())

/** For methods that have nothing to tell but that it worked. */
export const Done = z.object({ ok: z.literal(true) })

export const Message = z.object({
  /** Names the message within its channel: update_message, delete_message and replies ask for it. */
  ts: z.string(),
  text: maybe(z.string()),
  /** Who wrote it; absent for what a bot without a user wrote. */
  user: maybe(z.string()),
  bot_id: maybe(z.string()),
  username: maybe(z.string()),
  /** Absent for what somebody wrote; `channel_join`, `bot_message` and others. */
  subtype: maybe(z.string()),
  /** The `ts` of the message that began the thread. */
  thread_ts: maybe(z.string()),
  reply_count: maybe(z.number()),
  edited: maybe(z.object({ user: z.string(), ts: z.string() })),
  reactions: maybe(z.array(z.object({ name: z.string(), count: z.number(), users: z.array(z.string()) }))),
  files: maybe(z.array(z.object({ id: z.string(), name: maybe(z.string()), permalink: maybe(z.string()) }))),
})

const Text = z.object({ value: z.string() })

export const Channel = z.object({
  id: z.string(),
  /** Absent for a direct message. */
  name: maybe(z.string()),
  /** The other person of a direct message. */
  user: maybe(z.string()),
  is_private: maybe(z.boolean()),
  is_im: maybe(z.boolean()),
  is_mpim: maybe(z.boolean()),
  is_archived: maybe(z.boolean()),
  /** Whether this token's account is in it. */
  is_member: maybe(z.boolean()),
  num_members: maybe(z.number()),
  topic: maybe(Text),
  purpose: maybe(Text),
})

export const User = z.object({
  id: z.string(),
  name: maybe(z.string()),
  real_name: maybe(z.string()),
  deleted: maybe(z.boolean()),
  is_bot: maybe(z.boolean()),
  is_admin: maybe(z.boolean()),
  /** IANA name, such as `Europe/Berlin`. */
  tz: maybe(z.string()),
  profile: maybe(
    z.object({
      display_name: maybe(z.string()),
      title: maybe(z.string()),
      /** Only with the scope users:read.email. */
      email: maybe(z.string()),
      status_text: maybe(z.string()),
      status_emoji: maybe(z.string()),
    }),
  ),
})
