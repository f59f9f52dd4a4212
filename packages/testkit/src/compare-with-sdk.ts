import type { IncomingMessage } from 'node:http'
import { createMcpClient, fetchTransport } from '@mcpclient/core'
import type { Connector } from '@mcpclient/core'
import type { Fixture, StreamedEvent } from './fixtures.ts'
import { listen } from './loopback-server.ts'
import { recordRequest } from './request-record.ts'
import type { RequestRecord } from './request-record.ts'

/** A call of a tool, and what the provider responds with. A fixture is one. */
export interface Intent {
  readonly tool: string
  readonly input: unknown
  /** The responses in order. Further requests receive `{}`. */
  readonly responses: readonly {
    readonly status?: number | undefined
    readonly headers?: Readonly<Record<string, string>> | undefined
    readonly json?: unknown
    readonly events?: readonly StreamedEvent[] | undefined
  }[]
}

/** The provider that both clients talk to. It responds as the intent says, to each client from the start. */
export interface RecordingProvider {
  /** Its origin on loopback, for a client that takes a base URL: `http://127.0.0.1:49152`. */
  readonly url: string
  /** Responds to requests of every origin without a network, for a client that takes a `fetch` or a transport. */
  readonly fetch: typeof fetch
}

type SentRequests = readonly [RequestRecord, ...RequestRecord[]]

export interface SdkComparison {
  /** Returns the configured connector. Its `baseUrl` may be on loopback; if it is not, no request leaves this process. */
  readonly connector: (provider: RecordingProvider) => Connector
  /** Sends the same intent with the vendor's SDK. `ours` are the requests of the connector. */
  readonly sdk: (provider: RecordingProvider, ours: SentRequests) => Promise<unknown> | undefined
  /**
   * The headers to compare, in lower case.
   * @default ['authorization']
   */
  readonly headers?: readonly string[] | undefined
}

/** The call of each tool with the vendor's SDK. */
export type SdkCalls<Sdk, Input = Fixture['input']> = Readonly<
  Record<string, (sdk: Sdk, input: Input) => Promise<unknown>>
>

/** The requests of both clients, in the order in which they were sent. */
export interface ComparedRequests {
  readonly ours: SentRequests
  readonly theirs: readonly RequestRecord[]
}

/**
 * Sends an intent with a connector and with the vendor's SDK, and returns the requests of both. They are equal if the
 * connector speaks the vendor's API as the vendor does. An SDK takes either the `url` of the recording provider or its `fetch`;
 * give the connector the same kind, because origins are compared, too.
 *
 * @throws Error if the connector sends no request
 * @example
 * const calls: SdkCalls<OpenAI> = {
 *   list_models: (sdk) => sdk.models.list(),
 * }
 * const cases = succeedingCases(import.meta.dirname)
 *
 * describe("beside OpenAI's own client", () => {
 *   it('compares every tool', () => {
 *     expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
 *     expect(Object.keys(calls).toSorted()).toEqual(Object.keys(openai.tools).toSorted())
 *   })
 *
 *   it.each(cases)('sends the same requests for %s', async (_name, fixture) => {
 *     const { ours, theirs } = await compareWithSdk(fixture, {
 *       // With a base URL: openai({ apiKey: KEY, baseUrl: `${url}/v1/` }) and new OpenAI({ apiKey: KEY, baseURL: `${url}/v1` }).
 *       connector: () => openai({ apiKey: KEY }),
 *       sdk: ({ fetch }) => calls[fixture.tool]?.(new OpenAI({ apiKey: KEY, fetch, maxRetries: 0 }), fixture.input),
 *     })
 *     expect(ours).toEqual(theirs)
 *   })
 * })
 */
export async function compareWithSdk(
  { tool, input, responses }: Intent,
  { connector, sdk, headers = ['authorization'] }: SdkComparison,
): Promise<ComparedRequests> {
  const received: Promise<RequestRecord>[] = []
  let script = [...responses]
  const respond = async (request: Request): Promise<Response> => {
    const record = recordRequest(request, headers)
    received.push(record)
    await record
    const { status = 200, headers: sent = {}, json, events } = script.shift() ?? { json: {} }
    if (events !== undefined) return streamed(events)
    return json === undefined
      ? new Response(null, { status, headers: sent })
      : Response.json(json, { status, headers: sent })
  }
  await using server = await listen((incoming, outgoing) => {
    void asRequest(incoming)
      .then(respond)
      .then(async (response) => {
        outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text())
      })
      .catch((error: unknown) => outgoing.writeHead(500).end(String(error)))
  })
  const provider: RecordingProvider = {
    url: server.url,
    fetch(resource, init) {
      const request = new Request(resource, init)
      return request.url.startsWith(`${server.url}/`) ? fetch(request) : respond(request)
    },
  }
  const requestsOf = async (send: () => Promise<unknown> | undefined): Promise<readonly RequestRecord[]> => {
    script = [...responses]
    await send()
    return Promise.all(received.splice(0))
  }

  const [first, ...rest] = await requestsOf(async () => {
    const mcp = createMcpClient({
      connectors: { provider: connector(provider) },
      transport: fetchTransport({ fetch: provider.fetch }),
      retry: { attempts: 1 },
    })
    await mcp.client('provider', 'ada').invoke(tool, input, { maxPages: 1 })
    await mcp.close()
  })
  if (first === undefined) throw new Error(`${tool} sent no request.`)
  const ours: SentRequests = [first, ...rest]
  return { ours, theirs: await requestsOf(() => sdk(provider, ours)) }
}

function streamed(events: readonly StreamedEvent[]): Response {
  const lines = events.map((each) => {
    const { event, data } = typeof each === 'string' ? { data: each } : each
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`
  })
  return new Response(lines.join(''), { headers: { 'content-type': 'text/event-stream' } })
}

async function asRequest(incoming: IncomingMessage): Promise<Request> {
  const { method = 'GET', url = '/' } = incoming
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  const body = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Uint8Array>))
  const target = `http://${incoming.headers.host ?? '127.0.0.1'}${url}`
  // Some clients send an empty object with a GET, and a Request cannot have it.
  const hasBody = body.length > 0 && method !== 'GET'
  return new Request(target, { method, headers, ...(hasBody && { body }) })
}
