import { mark, nullable } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import { graphVersion } from '@mcpclient/meta'
import * as z from 'zod'

export const Settings = z.object({
  /** The id of the account. The token names it, so there is no need to set it. */
  userId: z
    .string()
    .regex(/^(\d+|me)$/, 'An id consists of digits.')
    .default('me'),
  version: graphVersion,
})
export type Context = ToolContext<z.output<typeof Settings>>

const digits = z.string().regex(/^\d+$/, 'An id consists of digits.')
export const mediaId = digits.describe('Id of a published photo, video or album.')
export const containerId = digits.describe('Id of create_media_container.')
export const commentId = digits.describe('Id of a comment or of a reply.')

const text = nullable(z.string())
const count = nullable(z.number())
const flag = nullable(z.boolean())
/** Texts and names of users. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))

export const Done = z.object({ success: z.boolean() })
export const Created = z.object({ id: z.string() })

export const Account = z.object({
  id: z.string().describe('The id for this app.'),
  user_id: z.string().describe('The id of the account, as in events.'),
  username: z.string(),
  name: text,
  account_type: text.describe('BUSINESS or MEDIA_CREATOR.'),
  profile_picture_url: text,
  biography: text,
  website: text,
  followers_count: count,
  follows_count: count,
  media_count: count,
})

export const Media = z.object({
  id: z.string(),
  caption: written,
  media_type: text.describe('IMAGE, VIDEO or CAROUSEL_ALBUM.'),
  media_product_type: text.describe('FEED, REELS, STORY or AD.'),
  media_url: text.describe('Absent if the sound is copyrighted.'),
  thumbnail_url: text,
  permalink: text,
  timestamp: text,
  username: text,
  like_count: count.describe('Absent if the owner hides it.'),
  comments_count: count,
  is_comment_enabled: flag,
  alt_text: written,
})

export const Container = z.object({
  id: z.string(),
  status_code: z.string().describe('IN_PROGRESS, FINISHED, PUBLISHED, EXPIRED (after 24 hours) or ERROR.'),
  status: text.describe('Why it failed.'),
})

export const Comment = z.object({
  id: z.string(),
  text: written,
  timestamp: text,
  username: written,
  like_count: count,
  hidden: flag,
  parent_id: text.describe('The comment that it replies to.'),
})

const Breakdown = z.object({
  dimension_keys: nullable(z.array(z.string())),
  results: nullable(z.array(z.object({ dimension_values: z.array(z.string()), value: z.number() }))),
})
export const Insight = z.object({
  id: text,
  name: z.string(),
  period: text,
  title: text,
  description: text,
  values: nullable(z.array(z.object({ value: z.number(), end_time: text }))),
  total_value: nullable(z.object({ value: count, breakdowns: nullable(z.array(Breakdown)) })),
})
