import Anthropic from '@anthropic-ai/sdk'
import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { Fixture, SdkCalls } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { anthropic } from '../src/index.ts'

/** The default of the setting `version`. */
const VERSION = '2026-10-21'
const cases = succeedingCases(import.meta.dirname)
/** Reads a stream to its end, as a caller of the SDK does. */
const drained = async (stream: AsyncIterable<unknown>): Promise<number> => (await Array.fromAsync(stream)).length

type Body = Record<string, unknown>
const create = (sdk: Anthropic, body: Body) => sdk.messages.create(body as never)
const stream = async (sdk: Anthropic, body: Body) =>
  drained((await sdk.messages.create(body as never)) as unknown as AsyncIterable<unknown>)

/** The same call by Anthropic's own client, which takes the parameters of the API. */
const calls: SdkCalls<Anthropic, Body> = {
  chat: create,
  stream_chat: stream,
  create_message: create,
  stream_message: stream,
  count_tokens: (sdk, body) => sdk.messages.countTokens(body as never),
  list_models: (sdk, { limit }) => sdk.models.list({ limit: Number(limit) }),
  get_model: (sdk, { model }) => sdk.models.retrieve(String(model)),
}

/** Returns the parameters of the SDK: the body that the fixture declares, else the input. */
const paramsOf = ({ requests: [request], input }: Fixture): Body => (request?.['json'] as Body | undefined) ?? input

describe("beside Anthropic's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(anthropic.tools).toSorted())
  })

  it.each(cases)('sends the same requests for %s', async (_name, fixture) => {
    const { version = VERSION } = (fixture.settings ?? {}) as { readonly version?: string }
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) =>
        anthropic({ apiKey: 'sk-1', baseUrl: `${url}/v1/`, beta: ['a', 'b'], ...fixture.settings }),
      sdk: ({ url }) => {
        // It sends a key as a bearer token by default. The API reference has x-api-key, which proxies expect.
        const defaultHeaders = { 'anthropic-version': version, 'anthropic-beta': 'a,b', 'x-api-key': 'sk-1' }
        const sdk = new Anthropic({ apiKey: 'sk-1', baseURL: url, maxRetries: 0, defaultHeaders })
        return calls[fixture.tool]?.(sdk, paramsOf(fixture))
      },
      headers: ['x-api-key', 'content-type', 'anthropic-version', 'anthropic-beta'],
    })
    expect(ours).toEqual(theirs)
  })

  it('sends the version of the API that the client sends', async () => {
    const sent: (string | null)[] = []
    const recording: typeof fetch = (resource, init) => {
      sent.push(new Request(resource, init).headers.get('anthropic-version'))
      return Promise.resolve(Response.json({ data: [], has_more: false }))
    }
    await new Anthropic({ apiKey: 'sk-1', fetch: recording }).models.list()
    expect(sent).toEqual([VERSION])
  })
})
