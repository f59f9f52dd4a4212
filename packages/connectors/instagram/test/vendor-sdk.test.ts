import { createRequire } from 'node:module'
import { compareWithMeta, graphFieldsIn, succeedingCases, without } from '@mcpclient/testkit'
import type { Fixture, MetaSdk, SdkCalls } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { instagram } from '../src/index.ts'

const TOKEN = 'IGAA.recorded'
const USER = '17841400000004417'

type Sdk = MetaSdk<'IGComment' | 'IGMedia' | 'IGUser'>
type Params = Readonly<Record<string, unknown>>
interface Input extends Params {
  readonly media_id: string
  readonly comment_id: string
  readonly creation_id: string
  readonly metric: readonly string[]
}

/** It has no subscriptions of apps. A container is read as a medium. */
const calls: SdkCalls<Sdk, Fixture<Input>> = {
  get_account: async (sdk, fixture) => new sdk.IGUser(USER)['get']?.(graphFieldsIn(fixture)),
  get_publishing_limit: async (sdk, fixture) =>
    new sdk.IGUser(USER)['getContentPublishingLimit']?.(graphFieldsIn(fixture), fixture.input),
  get_account_insights: async (sdk, { input }) =>
    new sdk.IGUser(USER)['getInsights']?.([], { ...input, metric: input.metric.join(','), period: 'day' }),
  get_media_insights: async (sdk, { input: { media_id, metric } }) =>
    new sdk.IGMedia(media_id)['getInsights']?.([], { metric: metric.join(',') }),
  list_media: async (sdk, fixture) => new sdk.IGUser(USER)['getMedia']?.(graphFieldsIn(fixture), fixture.input),
  get_media: async (sdk, fixture) => new sdk.IGMedia(fixture.input.media_id)['get']?.(graphFieldsIn(fixture)),
  create_media_container: async (sdk, { input }) => new sdk.IGUser(USER)['createMedia']?.([], input),
  get_container_status: async (sdk, fixture) =>
    new sdk.IGMedia(fixture.input.creation_id)['get']?.(graphFieldsIn(fixture)),
  publish_media: async (sdk, fixture) => {
    await new sdk.IGMedia(fixture.input.creation_id)['get']?.(graphFieldsIn(fixture))
    await new sdk.IGUser(USER)['createMediaPublish']?.([], fixture.input)
  },
  list_comments: async (sdk, fixture) =>
    new sdk.IGMedia(fixture.input.media_id)['getComments']?.(
      graphFieldsIn(fixture),
      without(fixture.input, 'media_id'),
    ),
  list_replies: async (sdk, fixture) =>
    new sdk.IGComment(fixture.input.comment_id)['getReplies']?.(
      graphFieldsIn(fixture),
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

const load = (): unknown => createRequire(import.meta.url)('facebook-nodejs-business-sdk')

describe("beside Meta's own client", () => {
  it('compares every tool that it has', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
  })

  it.each(cases)('sends the same requests for %s', async (_name, fixture) => {
    const connector = (baseUrl: string) => instagram({ token: TOKEN, userId: USER, baseUrl })
    const { ours, theirs } = await compareWithMeta(fixture, { load, token: TOKEN, connector, calls })
    expect(ours).toEqual(theirs)
  })
})
