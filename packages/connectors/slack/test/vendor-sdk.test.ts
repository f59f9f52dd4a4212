import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { LogLevel, WebClient } from '@slack/web-api'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { slack } from '../src/index.ts'
import { fixtures } from './fixtures.ts'
import type { Fixture } from './fixtures.ts'
import { bodyOf, listen } from '@mcpclient/testkit'
import type { LoopbackServer } from '@mcpclient/testkit'

const TOKEN = 'xoxb-4417-recorded'

/** Returns the parameters of a request, which Slack reads from JSON, form and query alike. */
interface Seen {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly parameters: Readonly<Record<string, unknown>>
}

let seen: Seen[] = []
let responseBody: unknown
let server: LoopbackServer

beforeAll(async () => {
  server = await listen((request, response) => {
    void bodyOf(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
      const type = request.headers['content-type'] ?? ''
      seen.push({
        method: request.method ?? '',
        path: pathname,
        authorization: request.headers.authorization,
        parameters: {
          ...texts(searchParams),
          ...(type.includes('json') ? asTexts(body) : texts(new URLSearchParams(body))),
        },
      })
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(responseBody))
    })
  })
})

beforeEach(() => {
  seen = []
})

afterAll(() => server[Symbol.asyncDispose]())

const texts = (parameters: URLSearchParams): Readonly<Record<string, string>> => Object.fromEntries(parameters)

/** JSON values as the form that Slack takes instead writes them. */
const asTexts = (body: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(JSON.parse(body) as Readonly<Record<string, unknown>>).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )

/** The first successful fixture of each tool: what we send for it, beside what Slack's SDK sends for the same. */
const firsts = [
  ...new Map(
    fixtures
      // The SDK splits an upload in its own way; the emulator test covers it.
      .filter((each) => 'output' in each && each.tool !== 'upload_file')
      .toReversed()
      .map((each) => [each.tool, each]),
  ).values(),
]

describe("beside Slack's own SDK", () => {
  it.each(firsts.map((fixture) => [fixture.tool, fixture] as const))(
    '%s says the same to Slack',
    async (tool, fixture) => {
      responseBody = fixture.responses[0]?.json
      const baseUrl = `${server.url}/api/`
      const mcp = createMcpClient({
        connectors: { slack: slack({ token: TOKEN, baseUrl, ...fixture.settings }) },
        transport: fetchTransport(),
      })
      await mcp.client('slack', 'ada').invoke(tool, fixture.input, { maxPages: 1 })
      await mcp.close()

      const sdk = new WebClient(TOKEN, { slackApiUrl: baseUrl, logLevel: LogLevel.ERROR, retryConfig: { retries: 0 } })
      await sdk.apiCall(methodOf(fixture), argumentsOf(fixture))

      const [ours, theirs] = seen
      expect(seen).toHaveLength(2)
      expect(ours).toEqual(theirs)
      expect(theirs?.method).toBe('POST')
    },
  )
})

const methodOf = ({ requests }: Fixture): string => String(requests[0]?.['path'])

const argumentsOf = ({ requests }: Fixture): Record<string, unknown> => ({
  ...(requests[0]?.['form'] as Record<string, unknown>),
})
