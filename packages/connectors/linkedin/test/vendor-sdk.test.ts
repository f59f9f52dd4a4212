import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { RequestRecord, SdkCalls } from '@mcpclient/testkit'
import { RestliClient } from 'linkedin-api-client'
import { describe, expect, it } from 'vitest'
import { linkedin } from '../src/index.ts'

const accessToken = 'recorded'
const headers = ['authorization', 'linkedin-version', 'x-restli-protocol-version', 'x-restli-method']

/** Returns the SDK, sending its requests to a server on loopback. It has no option for that. */
function vendor(url: string): RestliClient {
  const client = new RestliClient()
  client.axiosInstance.interceptors.request.use((config) => {
    config.url = config.url?.replace('https://api.linkedin.com', url) ?? ''
    return config
  })
  return client
}

interface Input extends Readonly<Record<string, unknown>> {
  readonly post: string
  readonly author: string
  readonly owner: string
  readonly count?: number
}
/** The body of the fixture, which the SDK passes on. */
interface Intent extends Input {
  readonly body: never
}
const common = { accessToken, versionString: '202609' }
const one = { ...common, resourcePath: '/posts/{id}' }

const calls: SdkCalls<RestliClient, Intent> = {
  create_post: (sdk, { body }) => sdk.create({ ...common, resourcePath: '/posts', entity: body }),
  get_post: (sdk, { post }) => sdk.get({ ...one, pathKeys: { id: post } }),
  list_posts: (sdk, { author, count }) =>
    sdk.finder({
      ...common,
      resourcePath: '/posts',
      finderName: 'author',
      queryParams: { author, count, sortBy: 'LAST_MODIFIED' },
    }),
  update_post: (sdk, { post, body }) =>
    sdk.partialUpdate({
      ...one,
      pathKeys: { id: post },
      patchSetObject: (body as { patch: { $set: never } }).patch.$set,
    }),
  delete_post: (sdk, { post }) => sdk.delete({ ...one, pathKeys: { id: post } }),
  upload_image: (sdk, { body }) =>
    sdk.action({ ...common, resourcePath: '/images', actionName: 'initializeUpload', data: body }),
  get_userinfo: (sdk) => sdk.get({ accessToken, resourcePath: '/userinfo' }),
}

/** Returns a request without the method of Rest.li where HTTP says the same. The SDK sends it always, in lower case. */
const comparable = ({ headers: { 'x-restli-method': method, ...sent }, ...request }: RequestRecord) => {
  const needed = ['finder', 'partial_update'].find((name) => name === method?.toLowerCase())
  return { ...request, headers: { ...sent, ...(needed !== undefined && { 'x-restli-method': needed }) } }
}

const cases = succeedingCases<Input>(import.meta.dirname)

describe("beside LinkedIn's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(linkedin.tools).toSorted())
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const body = fixture.requests[0]?.['json'] as never
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => linkedin({ token: accessToken, baseUrl: `${url}/` }),
      sdk: ({ url }) => calls[fixture.tool]?.(vendor(url), { ...fixture.input, body }),
      headers,
    })
    const [first] = ours.map(comparable)
    const [their] = theirs.map(comparable)
    if (fixture.tool !== 'get_userinfo') expect(first).toEqual(their)
    // OpenID Connect is no Rest.li.
    else expect(first).toEqual({ ...their, headers: { authorization: `Bearer ${accessToken}` } })
  })
})
