import { createRequire } from 'node:module'
import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { Fixture, RecordingProvider, RequestRecord, SdkCalls } from '@mcpclient/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { instagram } from '../src/index.ts'

const TOKEN = 'IGAA.recorded'
const USER = '17841400000004417'

type Params = Readonly<Record<string, unknown>>
/** An object of Meta's own client, which has a method for each edge of the Graph API. */
type Node = Readonly<Record<string, (...given: readonly (readonly string[] | Params)[]) => Promise<unknown>>>
interface Sdk {
  readonly FacebookAdsApi: { readonly VERSION: string; init(token: string, locale: string, crashLog: boolean): object }
  readonly IGUser: new (id: string) => Node
  readonly IGMedia: new (id: string) => Node
  readonly IGComment: new (id: string) => Node
}
interface Input extends Params {
  readonly media_id: string
  readonly comment_id: string
  readonly creation_id: string
  readonly metric: readonly string[]
}

const fieldsIn = ({ requests }: Fixture<Input>): readonly string[] => {
  const { fields } = (requests[0]?.['query'] ?? {}) as { readonly fields?: string }
  return fields?.split(',') ?? []
}
const without = (input: Params, ...names: readonly string[]): Params =>
  Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)))

/** It has no subscriptions of apps. A container is read as a medium. */
const calls: SdkCalls<Sdk, Fixture<Input>> = {
  get_account: async (sdk, fixture) => new sdk.IGUser(USER)['get']?.(fieldsIn(fixture)),
  get_publishing_limit: async (sdk, fixture) =>
    new sdk.IGUser(USER)['getContentPublishingLimit']?.(fieldsIn(fixture), fixture.input),
  get_account_insights: async (sdk, { input }) =>
    new sdk.IGUser(USER)['getInsights']?.([], { ...input, metric: input.metric.join(','), period: 'day' }),
  get_media_insights: async (sdk, { input: { media_id, metric } }) =>
    new sdk.IGMedia(media_id)['getInsights']?.([], { metric: metric.join(',') }),
  list_media: async (sdk, fixture) => new sdk.IGUser(USER)['getMedia']?.(fieldsIn(fixture), fixture.input),
  get_media: async (sdk, fixture) => new sdk.IGMedia(fixture.input.media_id)['get']?.(fieldsIn(fixture)),
  create_media_container: async (sdk, { input }) => new sdk.IGUser(USER)['createMedia']?.([], input),
  get_container_status: async (sdk, fixture) => new sdk.IGMedia(fixture.input.creation_id)['get']?.(fieldsIn(fixture)),
  publish_media: async (sdk, fixture) => {
    await new sdk.IGMedia(fixture.input.creation_id)['get']?.(fieldsIn(fixture))
    await new sdk.IGUser(USER)['createMediaPublish']?.([], fixture.input)
  },
  list_comments: async (sdk, fixture) =>
    new sdk.IGMedia(fixture.input.media_id)['getComments']?.(fieldsIn(fixture), without(fixture.input, 'media_id')),
  list_replies: async (sdk, fixture) =>
    new sdk.IGComment(fixture.input.comment_id)['getReplies']?.(
      fieldsIn(fixture),
      without(fixture.input, 'comment_id'),
    ),
  create_comment: async (sdk, { input }) =>
    new sdk.IGMedia(input.media_id)['createComment']?.([], without(input, 'media_id')),
  reply_to_comment: async (sdk, { input }) =>
    new sdk.IGComment(input.comment_id)['createReply']?.([], without(input, 'comment_id')),
  hide_comment: async (sdk, { input }) => new sdk.IGComment(input.comment_id)['update']?.([], { hide: true }),
  delete_comment: async (sdk, { input }) => new sdk.IGComment(input.comment_id)['delete']?.([]),
}
const cases = succeedingCases<Input>(import.meta.dirname).filter(([, { tool }]) => tool in calls)

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
  return {
    ...request,
    query: query.filter((pair) => !isOfClient(pair) || /^fields=./.test(pair)),
    body: Object.keys(fields).length === 0 ? undefined : fields,
  }
}

describe("beside Meta's own client", () => {
  it('compares every tool that it has', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
  })

  it.each(cases)('sends the same requests for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) =>
        instagram({ token: TOKEN, userId: USER, baseUrl: `${url}/${sdk.FacebookAdsApi.VERSION}/` }),
      sdk: (provider) => calls[fixture.tool]?.(clientFor(provider), fixture),
      headers: [],
    })
    expect(ours).toEqual(theirs.map(comparable))
  })
})
