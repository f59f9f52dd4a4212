import { mark, noContent, nullable } from '@mcpclient/core/define'
import * as z from 'zod'

export const Settings = z.object({
  /**
   * The version of the API, as year and month. LinkedIn supports each for a year.
   * @default '202609'
   */
  version: z
    .string()
    .regex(/^\d{6}$/, 'A year and a month: 202609.')
    .default('202609'),
})
export type SettingsOf = z.output<typeof Settings>

const text = nullable(z.string())
const at = nullable(z.number()).describe('Milliseconds since 1970.')
/** Text of members, who may write for an organization. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))

export const Post = z.object({
  id: z.string().describe('urn:li:share:... or urn:li:ugcPost:...'),
  author: z.string(),
  commentary: written.describe("In LinkedIn's little format: reserved characters have a backslash before them."),
  visibility: text.describe('PUBLIC, CONNECTIONS or LOGGED_IN.'),
  lifecycleState: text.describe('PUBLISHED, DRAFT, PUBLISH_REQUESTED or PUBLISH_FAILED.'),
  isReshareDisabledByAuthor: nullable(z.boolean()),
  content: nullable(
    z.object({
      article: nullable(z.object({ source: text, title: written, description: written, thumbnail: text })),
      media: nullable(z.object({ id: text, title: written, altText: written })),
    }),
  ).describe('An article, or an image, a video or a document.'),
  reshareContext: nullable(z.object({ parent: text, root: text })).describe('The post that this one shares.'),
  createdAt: at,
  publishedAt: at,
  lastModifiedAt: at,
})

const own = nullable(mark(z.string(), { private: true }))

export const UserInfo = z.object({
  sub: z.string().describe('The id of the member: its URN is urn:li:person:{sub}.'),
  name: own,
  given_name: own,
  family_name: own,
  picture: text,
  email: own.describe('Needs the scope email.'),
  email_verified: nullable(z.boolean()),
})

export const Created = z.object({ id: z.string().describe('The URN of the post.') })

/** Changes and deletions have a response without a body. */
export const Done = noContent(z.object({}))
