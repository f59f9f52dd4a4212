import { compareWithSdk } from './compare-with-sdk.ts'
import type { ComparedRequests, RecordingProvider, SdkCalls, SdkComparison } from './compare-with-sdk.ts'
import type { Fixture } from './fixtures.ts'
import type { RequestRecord } from './request-record.ts'

type Params = Readonly<Record<string, unknown>>

/** An object of Meta's own client, which has a method for each edge of the Graph API. */
type MetaNode = Readonly<Record<string, (...given: readonly (readonly string[] | Params)[]) => Promise<unknown>>>

/** The part of `facebook-nodejs-business-sdk` that is called: the classes of some nodes. */
export type MetaSdk<Nodes extends string> = {
  readonly FacebookAdsApi: { readonly VERSION: string; init(token: string, locale: string, crashLog: boolean): object }
} & Readonly<Record<Nodes, new (id: string) => MetaNode>>

export interface MetaComparison<Nodes extends string, Input> {
  /** Loads the client: `() => createRequire(import.meta.url)('facebook-nodejs-business-sdk')`. */
  readonly load: () => unknown
  readonly token: string
  /** Returns the connector for a base URL. */
  readonly connector: (baseUrl: string) => ReturnType<SdkComparison['connector']>
  readonly calls: SdkCalls<MetaSdk<Nodes>, Fixture<Input>>
}

/** Sends a fixture with a connector and with Meta's own client, and returns the requests of both. */
export async function compareWithMeta<Nodes extends string, Input>(
  fixture: Fixture<Input>,
  { load, token, connector, calls }: MetaComparison<Nodes, Input>,
): Promise<ComparedRequests> {
  const sdk = load() as MetaSdk<Nodes>
  const { ours, theirs } = await compareWithSdk(fixture, {
    connector: ({ url }) => connector(`${url}/${sdk.FacebookAdsApi.VERSION}/`),
    sdk: (provider) => calls[fixture.tool]?.(directed(sdk, token, provider), fixture),
    headers: [],
  })
  return { ours, theirs: theirs.map(comparable) }
}

/** Directs Meta's client to the recording provider. */
function directed<Nodes extends string>(sdk: MetaSdk<Nodes>, token: string, { url }: RecordingProvider) {
  Object.defineProperty(sdk.FacebookAdsApi, 'GRAPH', { configurable: true, get: () => url })
  sdk.FacebookAdsApi.init(token, 'en_US', false)
  return sdk
}

/**
 * Meta's client sends the token in the URL, where logs show it, and a connector in a header. The client repeats the id of the
 * path in bodies and queries, asks for an empty list of fields, and sends an empty object with a DELETE.
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

/** Returns the fields that a tool asks for. Meta's client has none of its own. */
export function graphFieldsIn({ requests }: Pick<Fixture, 'requests'>): readonly string[] {
  const { fields } = (requests[0]?.['query'] ?? {}) as { readonly fields?: string }
  return fields?.split(',') ?? []
}

/** Returns an input without the members that are in the path of its request. */
export const without = (input: Params, ...names: readonly string[]): Params =>
  Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)))
