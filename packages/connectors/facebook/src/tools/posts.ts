import { del, fromBase64, get, mark, multipart, nullable, path, post, tool } from '@mcpclient/core/define'
import { fieldsOf, graphPages, pageSize, unixSeconds } from '@mcpclient/meta'
import * as z from 'zod'
import { pageAt, publishes, readsPage, removesPosts } from '../requests.ts'
import { Created, Done, Post, postId } from '../shapes.ts'
import type { Context } from '../shapes.ts'

const scheduled_publish_time = unixSeconds
  .optional()
  .describe('When to publish it: seconds since 1970, from 10 minutes to 30 days ahead.')
const published = z
  .boolean()
  .optional()
  .describe('False keeps it off the page: to attach a photo to a post, for example.')
const reconcile = 'Find it with list_page_posts or list_scheduled_posts before you publish it again.'
const url = mark(z.url({ protocol: /^https?$/ }), { destination: 'url' })

/** Returns the content as unpublished if it has a time. */
const scheduled = <Content extends { readonly scheduled_publish_time?: number | undefined }>(content: Content) =>
  content.scheduled_publish_time === undefined ? content : { ...content, published: false }
const when = (seconds: number | undefined): string =>
  seconds === undefined ? '' : ` at ${new Date(seconds * 1000).toISOString()}`

/** Posts and photos of the page. */
export const posts = {
  list_page_posts: tool({
    description: 'List the published posts of the page, newest first.',
    ...readsPage,
    input: z.object({
      since: unixSeconds.optional().describe('Only posts from then on: seconds since 1970.'),
      until: unixSeconds.optional().describe('Only posts until then: seconds since 1970.'),
      limit: pageSize,
    }),
    output: z.object({ data: z.array(Post) }),
    request: (filter, context: Context) => get(pageAt(context, 'posts'), { ...fieldsOf(Post), ...filter }),
    // A page may go back for years: a call reads one page unless the caller asks for more.
    pages: graphPages(1),
  }),
  list_scheduled_posts: tool({
    description: 'List the posts that are scheduled and not published yet.',
    ...publishes,
    effect: 'read',
    input: z.object({ limit: pageSize }),
    output: z.object({ data: z.array(Post) }),
    request: (page, context: Context) => get(pageAt(context, 'scheduled_posts'), { ...fieldsOf(Post), ...page }),
    pages: graphPages(),
  }),
  get_post: tool({
    description: 'Get the text, the link and the times of one post.',
    ...readsPage,
    input: z.object({ post_id: postId }),
    output: Post,
    request: ({ post_id }) => get(path`${post_id}`, fieldsOf(Post)),
  }),
  create_post: tool({
    description: 'Publish a text, a link or photos on the page, or schedule them. upload_photo returns ids of photos.',
    ...publishes,
    input: z
      .object({
        message: z.string().min(1).optional(),
        link: url.optional().describe('A page to share. Facebook shows a preview of it.'),
        attached_media: z
          .array(z.object({ media_fbid: z.string().regex(/^\d+$/).describe('Id of an unpublished photo.') }))
          .min(1)
          .optional(),
        published,
        scheduled_publish_time,
      })
      .refine(
        ({ message, link, attached_media }) => (message ?? link ?? attached_media) !== undefined,
        'Pass message, link or attached_media.',
      ),
    output: Created,
    request: (content, context: Context) => post(pageAt(context, 'feed'), scheduled(content)),
    preview: (input) => `Publish${when(input.scheduled_publish_time)}: ${input.message ?? input.link ?? 'photos'}`,
    undo: ({ output: { id } }) => ({ tool: 'delete_post', input: { post_id: id } }),
    reconcile,
    examples: [{ input: { message: 'We open at nine.', link: 'https://shop.example' } }],
  }),
  delete_post: tool({
    description: 'Delete a post or a photo of the page, published or scheduled.',
    ...removesPosts,
    input: z.object({ post_id: postId }),
    output: Done,
    request: ({ post_id }) => del(path`${post_id}`),
    preview: (input) => `Delete the post ${input.post_id}.`,
    reconcile: 'Call get_post: an error says that it was deleted.',
  }),
  upload_photo: tool({
    description: 'Publish a photo, by its URL or its bytes. With published: false, attach it with create_post instead.',
    ...publishes,
    input: z
      .object({
        url: url.optional().describe('Public URL of the photo.'),
        content_base64: z.base64().min(1).optional().describe('The bytes of the photo in base64, instead of url.'),
        filename: z.string().min(1).default('photo.jpg').describe('Name of the file, for content_base64.'),
        caption: z.string().optional(),
        alt_text_custom: z.string().optional().describe('Describes the photo to screen readers.'),
        published,
        scheduled_publish_time,
      })
      .refine(({ url: at, content_base64 }) => !at !== !content_base64, 'Pass either url or content_base64.'),
    output: z.object({ id: z.string(), post_id: nullable(z.string()).describe('Absent if it is not published.') }),
    request({ content_base64, filename, ...content }, context: Context) {
      const fields = scheduled(content)
      if (content_base64 === undefined) return post(pageAt(context, 'photos'), fields)
      const texts = Object.entries(fields).map(([name, value]) => [name, value === undefined ? value : String(value)])
      const parts = Object.fromEntries(texts) as Readonly<Record<string, string | undefined>>
      return post(
        pageAt(context, 'photos'),
        multipart({ ...parts, source: { bytes: fromBase64(content_base64), filename } }),
      )
    },
    preview: (input) =>
      `Publish the photo ${input.url ?? input.filename}${when(input.scheduled_publish_time)}: ${input.caption ?? ''}`,
    undo: ({ output: { id } }) => ({ tool: 'delete_post', input: { post_id: id } }),
    reconcile,
  }),
}
