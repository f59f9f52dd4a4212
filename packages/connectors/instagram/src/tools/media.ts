import { ConnectorError, get, mark, path, post, send, tool, wait } from '@mcpclient/core/define'
import { fieldsOf, graphPages, pageSize, unixSeconds } from '@mcpclient/meta'
import * as z from 'zod'
import { accountAt, publishes, reads, readsContainers } from '../requests.ts'
import { Container, containerId, Created, Media, mediaId } from '../shapes.ts'
import type { Context } from '../shapes.ts'

const creation_id = containerId
const file = mark(z.url({ protocol: /^https?$/ }), { destination: 'url' })

interface Content {
  readonly media_type?: string | undefined
  readonly video_url?: string | undefined
  readonly children?: readonly string[] | undefined
}
/**
 * Returns whether the type fits the content, because Instagram takes a file without a type for a photo.
 * Source: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
 */
function hasItsType({ media_type: type, video_url, children }: Content): boolean {
  if (children !== undefined) return type === 'CAROUSEL'
  if (video_url !== undefined) return type !== undefined && type !== 'CAROUSEL'
  return type === undefined || type === 'STORIES'
}

const statusOf = (id: string) => get(path`${id}`, fieldsOf(Container))

/** Photos, videos, reels, stories and albums. Publishing takes two steps: a container, then the media. */
export const media = {
  list_media: tool({
    description: 'List the photos, videos and albums of the account, newest first.',
    ...reads,
    input: z.object({
      since: unixSeconds.optional().describe('Only media from then on: seconds since 1970.'),
      until: unixSeconds.optional().describe('Only media until then: seconds since 1970.'),
      limit: pageSize,
    }),
    output: z.object({ data: z.array(Media) }),
    request: (filter, context: Context) => get(accountAt(context, 'media'), { ...fieldsOf(Media), ...filter }),
    // An account may go back for years: a call reads one page unless the caller asks for more.
    pages: graphPages(1),
  }),
  get_media: tool({
    description: 'Get the caption, the URL and the counts of one photo, video or album.',
    ...reads,
    input: z.object({ media_id: mediaId }),
    output: Media,
    request: ({ media_id }) => get(path`${media_id}`, fieldsOf(Media)),
  }),
  create_media_container: tool({
    description:
      'Prepare a photo, reel, story or album. Nothing is visible before publish_media. An album has 2 to 10 containers ' +
      'with is_carousel_item in children. A container expires after 24 hours.',
    ...publishes,
    input: z
      .object({
        media_type: z.enum(['REELS', 'STORIES', 'CAROUSEL', 'VIDEO']).optional().describe('Absent for a photo.'),
        image_url: file.optional().describe('Public URL of a JPEG.'),
        video_url: file.optional().describe('Public URL of an MP4 or MOV.'),
        children: z.array(containerId).min(2).max(10).optional().describe('The containers of an album.'),
        is_carousel_item: z.boolean().optional().describe('Whether it is a part of an album.'),
        caption: z.string().max(2200).optional(),
        alt_text: z.string().max(1000).optional().describe('Describes a photo to screen readers.'),
        cover_url: file.optional().describe('Public URL of the cover of a reel.'),
        thumb_offset: z.number().int().min(0).optional().describe('Position of the cover in a reel: milliseconds.'),
        share_to_feed: z.boolean().optional().describe('Whether a reel also appears in the feed.'),
        collaborators: z.array(z.string().min(1)).max(3).optional().describe('User names to invite as co-authors.'),
      })
      .refine(
        (input) => [input.image_url, input.video_url, input.children].filter((part) => part !== undefined).length === 1,
        'Pass one of image_url, video_url and children.',
      )
      .refine(hasItsType, {
        path: ['media_type'],
        message: 'Pass REELS, STORIES or VIDEO for a video, CAROUSEL for children, and STORIES or nothing for a photo.',
      }),
    output: Created,
    request: (content, context: Context) => post(accountAt(context, 'media'), content),
    preview: (input) => `Prepare ${input.image_url ?? input.video_url ?? 'an album'}: ${input.caption ?? ''}`,
    undo: 'impossible',
    reconcile: 'Create it again: a container that is not published expires after 24 hours.',
    examples: [{ input: { image_url: 'https://marsh.example/heron.jpg', caption: 'A heron' } }],
  }),
  get_container_status: tool({
    description: 'Get whether a container can be published. Call it at most once a minute, for five minutes at most.',
    ...readsContainers,
    input: z.object({ creation_id }),
    output: Container,
    request: ({ creation_id: id }) => statusOf(id),
  }),
  publish_media: tool({
    description:
      'Publish a container. Waits up to a minute until it is FINISHED: photos usually are at once, videos after some minutes.',
    ...publishes,
    input: z.object({ creation_id }),
    output: Created,
    *run({ creation_id: id }, context: Context) {
      let { status_code, status } = yield* send(statusOf(id), Container)
      for (const ms of WAITS_MS) {
        if (status_code !== 'IN_PROGRESS') break
        yield* wait(ms)
        ;({ status_code, status } = yield* send(statusOf(id), Container))
      }
      if (status_code !== 'FINISHED') throw notPublishable(status_code, status)
      return yield* send(post(accountAt(context, 'media_publish'), { creation_id: id }), Created)
    },
    preview: (input) => `Publish the container ${input.creation_id}.`,
    undo: 'impossible',
    reconcile: 'Call get_container_status: PUBLISHED means that it was published.',
  }),
}

/** Fits into the time limit of a call. */
const WAITS_MS = [5000, 10_000, 20_000, 25_000]

/** The longest interval that Meta recommends between two requests for a status. */
const POLL_MS = 60_000
const hints: Readonly<Record<string, string>> = {
  IN_PROGRESS: 'Call get_container_status in a minute, and publish_media once it is FINISHED.',
  PUBLISHED: 'Find it with list_media: it was published before.',
  EXPIRED: 'Create another container: this one is older than 24 hours.',
}

function notPublishable(code: string, status: string | undefined): ConnectorError {
  return new ConnectorError('MCP_CLIENT_ERROR', `The container has the status ${code}, not FINISHED.`, {
    providerCode: code,
    outcome: 'not_processed',
    ...(status !== undefined && { providerMessage: status }),
    ...(code === 'IN_PROGRESS' && { retryAfterMs: POLL_MS }),
    hint: hints[code] ?? 'Correct the file, and create another container.',
  })
}
