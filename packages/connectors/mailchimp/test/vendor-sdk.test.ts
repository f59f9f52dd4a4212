import marketing from '@mailchimp/mailchimp_marketing'
import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { SdkCalls } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { mailchimp } from '../src/index.ts'

const TOKEN = 'token-recorded'

type Methods<Name extends string> = Readonly<Record<Name, (...args: readonly unknown[]) => Promise<unknown>>>
/** The client, as far as it is called here: the community's types lack some of it. */
interface Sdk {
  basePath: string
  setConfig(config: { readonly accessToken: string }): void
  readonly ping: Methods<'get'>
  readonly lists: Methods<
    | 'createListWebhook'
    | 'deleteListMember'
    | 'deleteListMemberPermanent'
    | 'deleteListWebhook'
    | 'getAllLists'
    | 'getList'
    | 'getListMember'
    | 'getListMemberTags'
    | 'getListMembersInfo'
    | 'getListWebhooks'
    | 'setListMember'
    | 'updateListMember'
    | 'updateListMemberTags'
  >
  readonly campaigns: Methods<'create' | 'get' | 'list' | 'remove' | 'schedule' | 'send' | 'setContent' | 'unschedule'>
  readonly searchMembers: Methods<'search'>
}
const client = marketing as unknown as Sdk

/** The input of a fixture, as far as the calls below take it apart. */
interface Input {
  readonly list_id: string
  readonly subscriber_hash: string
  readonly email_address: string
  readonly campaign_id: string
  readonly webhook_id: string
  readonly query: string
  readonly url: string
  readonly skip_merge_validation?: boolean
}

/** Returns the fields of the body or the query. */
const rest = ({ list_id: _list, subscriber_hash: _hash, campaign_id: _campaign, ...fields }: Input) => fields
const order = { sort_field: 'create_time', sort_dir: 'DESC' }
const hook = {
  events: { subscribe: true, unsubscribe: true, profile: false, cleaned: true, upemail: false, campaign: false },
  sources: { user: true, admin: true, api: false },
}

const calls: SdkCalls<Sdk, Input> = {
  ping: ({ ping }) => ping.get(),
  list_audiences: ({ lists }, input) => lists.getAllLists(input),
  get_audience: ({ lists }, { list_id }) => lists.getList(list_id),
  list_members: ({ lists }, input) => lists.getListMembersInfo(input.list_id, rest(input)),
  search_members: ({ searchMembers }, { query, list_id }) => searchMembers.search(query, { list_id }),
  get_member: ({ lists }, { list_id, subscriber_hash }) => lists.getListMember(list_id, subscriber_hash),
  upsert_member: ({ lists }, { skip_merge_validation, ...input }) =>
    lists.setListMember(input.list_id, input.email_address, rest(input), { skip_merge_validation }),
  update_member: ({ lists }, input) => lists.updateListMember(input.list_id, input.subscriber_hash, rest(input)),
  archive_member: ({ lists }, { list_id, subscriber_hash }) => lists.deleteListMember(list_id, subscriber_hash),
  delete_member_permanently: ({ lists }, { list_id, subscriber_hash }) =>
    lists.deleteListMemberPermanent(list_id, subscriber_hash),
  list_member_tags: ({ lists }, input) => lists.getListMemberTags(input.list_id, input.subscriber_hash, rest(input)),
  update_member_tags: ({ lists }, input) =>
    lists.updateListMemberTags(input.list_id, input.subscriber_hash, rest(input)),
  list_campaigns: ({ campaigns }, input) => campaigns.list({ ...order, ...input }),
  get_campaign: ({ campaigns }, { campaign_id }) => campaigns.get(campaign_id),
  create_campaign: ({ campaigns }, input) => campaigns.create({ type: 'regular', ...input }),
  set_campaign_content: ({ campaigns }, input) => campaigns.setContent(input.campaign_id, rest(input)),
  send_campaign: ({ campaigns }, { campaign_id }) => campaigns.send(campaign_id),
  schedule_campaign: ({ campaigns }, input) => campaigns.schedule(input.campaign_id, rest(input)),
  unschedule_campaign: ({ campaigns }, { campaign_id }) => campaigns.unschedule(campaign_id),
  delete_campaign: ({ campaigns }, { campaign_id }) => campaigns.remove(campaign_id),
  list_webhooks: ({ lists }, { list_id }) => lists.getListWebhooks(list_id),
  create_webhook: ({ lists }, { list_id, url }) => lists.createListWebhook(list_id, { url, ...hook }),
  delete_webhook: ({ lists }, { list_id, webhook_id }) => lists.deleteListWebhook(list_id, webhook_id),
}

const cases = succeedingCases<Input>(import.meta.dirname)

describe("beside Mailchimp's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(mailchimp.tools).toSorted())
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => mailchimp({ token: TOKEN, dataCenter: 'us6', baseUrl: `${url}/3.0/` }),
      sdk: ({ url }) => {
        client.basePath = `${url}/3.0`
        client.setConfig({ accessToken: TOKEN })
        return calls[fixture.tool]?.(client, fixture.input)
      },
    })
    expect(ours).toEqual(theirs)
  })
})
