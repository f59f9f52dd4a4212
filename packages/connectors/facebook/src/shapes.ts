import { mark, nullable } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import { graphVersion } from '@mcpclient/meta'
import * as z from 'zod'

export const Settings = z.object({
  /** The id of the page. A connection with OAuth gets it from the page that the user chose. */
  pageId: z
    .string()
    .regex(/^(\d+|me)$/, 'An id consists of digits.')
    .default('me'),
  version: graphVersion,
})
export type Context = ToolContext<z.output<typeof Settings>>

/** The ids of posts and comments have two parts. */
const id = z.string().regex(/^\d+(_\d+)?$/, 'An id looks like 1234 or 1234_5678.')
export const postId = id.describe('Id of a post, such as 1234_5678.')
export const commentId = id.describe('Id of a comment, such as 5678_9012.')

const text = nullable(z.string())
const count = nullable(z.number())
const flag = nullable(z.boolean())
/** Text and names of users. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))
const Author = nullable(z.object({ id: z.string(), name: written })).describe(
  'Absent without the permission to see it.',
)

export const Done = z.object({ success: z.boolean() })
export const Created = z.object({ id: z.string() })

export const Page = z.object({
  id: z.string(),
  name: z.string(),
  username: text,
  link: text,
  category: text,
  about: text,
  followers_count: count,
  fan_count: count,
})

export const Post = z.object({
  id: z.string(),
  message: written,
  story: written.describe('Text of Facebook about the post.'),
  created_time: text,
  updated_time: text,
  permalink_url: text,
  full_picture: text,
  status_type: text,
  is_published: flag,
  scheduled_publish_time: count.describe('Seconds since 1970.'),
  from: Author,
  shares: nullable(z.object({ count })),
})

export const Comment = z.object({
  id: z.string(),
  message: written,
  from: Author,
  created_time: text,
  like_count: count,
  comment_count: count.describe('Replies.'),
  is_hidden: flag,
  permalink_url: text,
  parent: nullable(z.object({ id: z.string() })).describe('The comment that it replies to.'),
})

const Value = z.union([z.number(), z.record(z.string(), z.number())])
export const Insight = z.object({
  id: text,
  name: z.string(),
  period: text,
  title: text,
  description: text,
  values: z.array(z.object({ value: Value, end_time: text })),
})
