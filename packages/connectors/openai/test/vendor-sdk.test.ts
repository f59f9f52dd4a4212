import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { Fixture, SdkCalls } from '@mcpclient/testkit'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { openai } from '../src/index.ts'

const cases = succeedingCases(import.meta.dirname)
const account = { organization: 'org-1', project: 'proj_1' }

/** Reads a stream to its end, as a caller of the SDK does. */
const drained = async (stream: AsyncIterable<unknown>): Promise<number> => (await Array.fromAsync(stream)).length

type Body = Record<string, unknown>
const create = (sdk: OpenAI, body: Body) => sdk.chat.completions.create(body as never)
const stream = async (sdk: OpenAI, body: Body) =>
  drained((await sdk.chat.completions.create(body as never)) as unknown as AsyncIterable<unknown>)

/** The same call by OpenAI's own client, which takes the parameters of the API. */
const calls: SdkCalls<OpenAI, Body> = {
  chat: create,
  stream_chat: stream,
  create_chat_completion: create,
  stream_chat_completion: stream,
  create_response: (sdk, body) => sdk.responses.create(body as never),
  stream_response: async (sdk, body) =>
    drained((await sdk.responses.create(body as never)) as unknown as AsyncIterable<unknown>),
  create_embedding: (sdk, body) => sdk.embeddings.create(body as never),
  list_models: (sdk) => sdk.models.list(),
  get_model: (sdk, { model }) => sdk.models.retrieve(String(model)),
}

/** Returns the parameters of the SDK: the body that the fixture declares, else the input. */
const paramsOf = ({ requests: [request], input }: Fixture): Body => (request?.['json'] as Body | undefined) ?? input

describe("beside OpenAI's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(openai.tools).toSorted())
  })

  it.each(cases)('sends the same requests for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => openai({ apiKey: 'sk-1', baseUrl: `${url}/v1/`, ...account, ...fixture.settings }),
      sdk: ({ url }) => {
        const sdk = new OpenAI({ apiKey: 'sk-1', baseURL: `${url}/v1`, maxRetries: 0, ...account })
        return calls[fixture.tool]?.(sdk, paramsOf(fixture))
      },
      headers: ['authorization', 'content-type', 'openai-organization', 'openai-project'],
    })
    expect(ours).toEqual(theirs)
  })
})
