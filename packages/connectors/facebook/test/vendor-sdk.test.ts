import { createRequire } from 'node:module'
import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { Fixture, RecordingProvider, RequestRecord, SdkCalls } from '@mcpclient/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { facebook, facebookUser } from '../src/index.ts'

const TOKEN = 'EAAJ.recorded'
const PAGE = '1353269864728879'

type Params = Readonly<Record<string, unknown>>
/** An object of Meta's own client, which has a method for each edge of the Graph API. */
type Node = Readonly<Record<string, (...given: readonly (readonly string[] | Params)[]) => Promise<unknown>>>
interface Sdk {
  readonly FacebookAdsApi: { readonly VERSION: string; init(token: string, locale: string, crashLog: boolean): object }
  readonly Page: new (id: string) => Node
  readonly PagePost: new (id: string) => Node
  readonly Comment: new (id: string) => Node
  readonly User: new (id: string) => Node
}

interface Input extends Params {
  readonly post_id: string
  readonly comment_id: string
  readonly object_id: string
  readonly metric: readonly string[]
}

/** Returns the fields that a tool asks for. The client has none of its own. */
const fieldsIn = ({ requests }: Fixture<Input>): readonly string[] => {
  const { fields } = (requests[0]?.['query'] ?? {}) as { readonly fields?: string }
  return fields?.split(',') ?? []
}
const scheduled = (input: Params): Params =>
  input['scheduled_publish_time'] === undefined ? input : { ...input, published: false }
const without = (input: Params, ...names: readonly string[]): Params =>
  Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)))
/** The defaults of the tools, which the SDK leaves to the service. */
const listing = { filter: 'toplevel', order: 'reverse_chronological' }

const calls: SdkCalls<Sdk, Fixture<Input>> = {
  get_page: async (sdk, fixture) => new sdk.Page(PAGE)['get']?.(fieldsIn(fixture)),
  get_page_insights: async (sdk, { input }) =>
    new sdk.Page(PAGE)['getInsights']?.([], { ...input, metric: input.metric.join(',') }),
  get_post_insights: async (sdk, { input: { post_id, metric } }) =>
    new sdk.PagePost(post_id)['getInsights']?.([], { metric: metric.join(','), period: 'lifetime' }),
  subscribe_app: async (sdk) => new sdk.Page(PAGE)['createSubscribedApp']?.([], { subscribed_fields: ['feed'] }),
  unsubscribe_app: async (sdk) => new sdk.Page(PAGE)['deleteSubscribedApps']?.(),
  list_page_posts: async (sdk, fixture) => new sdk.Page(PAGE)['getPosts']?.(fieldsIn(fixture), fixture.input),
  list_scheduled_posts: async (sdk, fixture) =>
    new sdk.Page(PAGE)['getScheduledPosts']?.(fieldsIn(fixture), fixture.input),
  get_post: async (sdk, fixture) => new sdk.PagePost(fixture.input.post_id)['get']?.(fieldsIn(fixture)),
  create_post: async (sdk, { input }) => new sdk.Page(PAGE)['createFeed']?.([], scheduled(input)),
  delete_post: async (sdk, { input }) => new sdk.PagePost(input.post_id)['delete']?.([]),
  upload_photo: async (sdk, { input }) => new sdk.Page(PAGE)['createPhoto']?.([], scheduled(input)),
  list_comments: async (sdk, fixture) =>
    new sdk.PagePost(fixture.input.object_id)['getComments']?.(fieldsIn(fixture), {
      ...listing,
      ...without(fixture.input, 'object_id'),
    }),
  reply_to_comment: async (sdk, { input }) =>
    new sdk.Comment(input.object_id)['createComment']?.([], without(input, 'object_id')),
  hide_comment: async (sdk, { input }) => new sdk.Comment(input.comment_id)['update']?.([], { is_hidden: true }),
  delete_comment: async (sdk, { input }) => new sdk.Comment(input.comment_id)['delete']?.([]),
}
// It has no upload of bytes: it drops the files of a request.
const cases = succeedingCases<Input>(import.meta.dirname).filter(([, { input }]) => !('content_base64' in input))
const ofUser = succeedingCases<Input>(`${import.meta.dirname}/user`)

let sdk: Sdk

beforeAll(() => {
  sdk = createRequire(import.meta.url)('facebook-nodejs-business-sdk') as Sdk
})

/** Directs Meta's client to the recording provider. */
function clientFor({ url }: RecordingProvider): Sdk {
  Object.defineProperty(sdk.FacebookAdsApi, 'GRAPH', { configurable: true, get: () => url })
  sdk.FacebookAdsApi.init(TOKEN, 'en_US', false)
  return sdk
}

/**
 * Meta's client sends the token in the URL, where logs show it, and the connector in a header. The client repeats the id of
 * the path in bodies and queries, asks for an empty list of fields, and sends an empty object with a DELETE.
 */
function comparable({ query, body, ...request }: RequestRecord): RequestRecord {
  const isOfClient = (pair: string): boolean => /^(access_token|id|fields)=/.test(pair)
  const { id: _id, ...fields } = (body ?? {}) as Params
  const isEmpty = Object.keys(fields).length === 0
  return {
    ...request,
    query: query.filter((pair) => !isOfClient(pair) || /^fields=./.test(pair)),
    body: isEmpty ? undefined : fields,
  }
}

describe("beside Meta's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(facebook.tools).toSorted())
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) =>
        facebook({ token: TOKEN, pageId: PAGE, baseUrl: `${url}/${sdk.FacebookAdsApi.VERSION}/` }),
      sdk: (provider) => calls[fixture.tool]?.(clientFor(provider), fixture),
      headers: [],
    })
    expect(ours).toEqual(theirs.map(comparable))
  })

  it.each(ofUser)('sends the same request for %s of a user', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => facebookUser({ token: TOKEN, baseUrl: `${url}/${sdk.FacebookAdsApi.VERSION}/` }),
      sdk: (provider) => {
        const { User } = clientFor(provider)
        return new User('me')['getAccounts']?.(fieldsIn(fixture), fixture.input)
      },
      headers: [],
    })
    expect(ours).toEqual(theirs.map(comparable))
  })
})
