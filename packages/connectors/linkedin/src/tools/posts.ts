import { del, get, mark, offsetPages, path, post, tool } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'
import { little, rest, urn } from '../requests.ts'
import { Created, Done, Post } from '../shapes.ts'
import type { SettingsOf } from '../shapes.ts'

type Context = ToolContext<SettingsOf>

const one = z.object({ post: urn('share', 'ugcPost').describe('The URN of the post: urn:li:share:...') })
const author = urn('person', 'organization').describe('urn:li:person:{sub of get_userinfo}, or urn:li:organization:...')
// LinkedIn's reference states no maximum. Source: https://www.ayrshare.com/docs/apis/post/social-networks/linkedin
const commentary = z
  .string()
  .max(3000)
  .describe('The text. #hashtags and mentions work: @[Heron Ltd](urn:li:organization:2414183) with the exact name.')
const image = urn('image').describe('Of upload_image.')
const distribution = { feedDistribution: 'MAIN_FEED', targetEntities: [], thirdPartyDistributionChannels: [] }

export const posts = {
  create_post: tool({
    description: 'Publish a post of a member or an organization: text, a link to an article, or an image.',
    effect: 'write',
    input: z
      .object({
        // A post is shown to the network of its author, or to all.
        author: mark(author, { destination: 'channel' }),
        commentary,
        visibility: z.enum(['PUBLIC', 'CONNECTIONS', 'LOGGED_IN']).default('PUBLIC'),
        article: z
          .object({
            source: z.url({ protocol: /^https?$/ }).describe('The address of the article.'),
            title: z.string().min(1),
            description: z.string().optional(),
            thumbnail: image.optional(),
          })
          .optional(),
        image: z.object({ id: image, altText: z.string().optional(), title: z.string().optional() }).optional(),
        isReshareDisabledByAuthor: z.boolean().default(false),
      })
      .refine(
        ({ article, image: media }) => article === undefined || media === undefined,
        'Pass either article or image.',
      )
      .refine(
        ({ commentary: text, article, image: media }) => text !== '' || (article ?? media) !== undefined,
        'Pass a text, an article or an image.',
      ),
    output: Created,
    request: ({ commentary: text, article, image: media, ...input }, context: Context) => {
      const content = article === undefined ? media && { media } : { article }
      const body = { ...input, commentary: little(text), distribution, content, lifecycleState: 'PUBLISHED' }
      return post('rest/posts', body, { ...rest(context), responseHeaders: { id: 'x-restli-id' } })
    },
    preview: (input) => `Publish a post of ${input.author}: ${input.commentary}`,
    undo: ({ output }) => ({ tool: 'delete_post', input: { post: output.id } }),
    reconcile: 'Look for it with list_posts, or on the page of its author, before you publish it again.',
    examples: [{ input: { author: 'urn:li:person:8hYz', commentary: 'The tide is out. #herons' } }],
  }),
  get_post: tool({
    description: 'Get one post. Posts of members need a permission that LinkedIn gives to few apps.',
    effect: 'read',
    input: one,
    output: Post,
    request: (input, context: Context) => get(path`rest/posts/${input.post}`, undefined, rest(context)),
  }),
  list_posts: tool({
    description:
      'List the posts of an organization or a member. Posts of members need a permission that LinkedIn gives to few apps.',
    effect: 'read',
    input: z.object({
      author,
      sortBy: z.enum(['LAST_MODIFIED', 'CREATED']).default('LAST_MODIFIED'),
      count: z.number().int().min(1).max(100).default(10).describe('Posts in one page.'),
    }),
    output: z.object({ elements: z.array(Post) }),
    request: (filter, context: Context) => get('rest/posts', { q: 'author', ...filter }, rest(context, 'finder')),
    // A page costs a request of the day: a call reads one unless the caller asks for more.
    pages: offsetPages({ items: 'elements', param: 'start', max: 1 }),
  }),
  update_post: tool({
    description: 'Replace the text of a post. Its article and its image cannot change.',
    effect: 'write',
    input: one.extend({ commentary }),
    output: Done,
    request: (input, context: Context) =>
      post(
        path`rest/posts/${input.post}`,
        { patch: { $set: { commentary: little(input.commentary) } } },
        rest(context, 'partial_update'),
      ),
    preview: (input) => `Replace the text of the post ${input.post}: ${input.commentary}`,
    reconcile: 'Read it with get_post.',
  }),
  delete_post: tool({
    description: 'Delete a post of a member or an organization for good.',
    effect: 'destroy',
    // Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api#delete-posts
    idempotent: true,
    input: one,
    output: Done,
    request: (input, context: Context) => del(path`rest/posts/${input.post}`, undefined, rest(context)),
    preview: (input) => `Delete the post ${input.post}.`,
    reconcile: 'Call it again.',
  }),
}
