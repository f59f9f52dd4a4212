import { createRequire } from 'node:module'
import { compareWithMeta, graphFieldsIn, succeedingCases, without } from '@mcpclient/testkit'
import type { Fixture, MetaSdk, SdkCalls } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { facebook, facebookUser } from '../src/index.ts'

const TOKEN = 'EAAJ.recorded'
const PAGE = '1353269864728879'

type Sdk = MetaSdk<'Comment' | 'Page' | 'PagePost' | 'User'>
type Params = Readonly<Record<string, unknown>>
interface Input extends Params {
  readonly post_id: string
  readonly comment_id: string
  readonly object_id: string
  readonly metric: readonly string[]
}

const scheduled = (input: Params): Params =>
  input['scheduled_publish_time'] === undefined ? input : { ...input, published: false }
/** The defaults of the tools, which the SDK leaves to the service. */
const listing = { filter: 'toplevel', order: 'reverse_chronological' }

const calls: SdkCalls<Sdk, Fixture<Input>> = {
  get_page: async (sdk, fixture) => new sdk.Page(PAGE)['get']?.(graphFieldsIn(fixture)),
  get_page_insights: async (sdk, { input }) =>
    new sdk.Page(PAGE)['getInsights']?.([], { ...input, metric: input.metric.join(',') }),
  get_post_insights: async (sdk, { input: { post_id, metric } }) =>
    new sdk.PagePost(post_id)['getInsights']?.([], { metric: metric.join(','), period: 'lifetime' }),
  subscribe_app: async (sdk) => new sdk.Page(PAGE)['createSubscribedApp']?.([], { subscribed_fields: ['feed'] }),
  unsubscribe_app: async (sdk) => new sdk.Page(PAGE)['deleteSubscribedApps']?.(),
  list_page_posts: async (sdk, fixture) => new sdk.Page(PAGE)['getPosts']?.(graphFieldsIn(fixture), fixture.input),
  list_scheduled_posts: async (sdk, fixture) =>
    new sdk.Page(PAGE)['getScheduledPosts']?.(graphFieldsIn(fixture), fixture.input),
  get_post: async (sdk, fixture) => new sdk.PagePost(fixture.input.post_id)['get']?.(graphFieldsIn(fixture)),
  create_post: async (sdk, { input }) => new sdk.Page(PAGE)['createFeed']?.([], scheduled(input)),
  delete_post: async (sdk, { input }) => new sdk.PagePost(input.post_id)['delete']?.([]),
  upload_photo: async (sdk, { input }) => new sdk.Page(PAGE)['createPhoto']?.([], scheduled(input)),
  list_comments: async (sdk, fixture) =>
    new sdk.PagePost(fixture.input.object_id)['getComments']?.(graphFieldsIn(fixture), {
      ...listing,
      ...without(fixture.input, 'object_id'),
    }),
  reply_to_comment: async (sdk, { input }) =>
    new sdk.Comment(input.object_id)['createComment']?.([], without(input, 'object_id')),
  hide_comment: async (sdk, { input }) => new sdk.Comment(input.comment_id)['update']?.([], { is_hidden: true }),
  delete_comment: async (sdk, { input }) => new sdk.Comment(input.comment_id)['delete']?.([]),
}
const callsOfUser: SdkCalls<Sdk, Fixture<Input>> = {
  list_pages: async (sdk, fixture) => new sdk.User('me')['getAccounts']?.(graphFieldsIn(fixture), fixture.input),
}
// It has no upload of bytes: it drops the files of a request.
const cases = succeedingCases<Input>(import.meta.dirname).filter(([, { input }]) => !('content_base64' in input))
const ofUser = succeedingCases<Input>(`${import.meta.dirname}/user`)

const load = (): unknown => createRequire(import.meta.url)('facebook-nodejs-business-sdk')

describe("beside Meta's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(facebook.tools).toSorted())
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const connector = (baseUrl: string) => facebook({ token: TOKEN, pageId: PAGE, baseUrl })
    const { ours, theirs } = await compareWithMeta(fixture, { load, token: TOKEN, connector, calls })
    expect(ours).toEqual(theirs)
  })

  it.each(ofUser)('sends the same request for %s of a user', async (_name, fixture) => {
    const connector = (baseUrl: string) => facebookUser({ token: TOKEN, baseUrl })
    const { ours, theirs } = await compareWithMeta(fixture, { load, token: TOKEN, connector, calls: callsOfUser })
    expect(ours).toEqual(theirs)
  })
})
