import { ConnectorError, createMcpClient } from '@mcpclient/core'
import type { Connector } from '@mcpclient/core'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import type { Fixture } from './fixtures.ts'
import type { Exchange } from './vendor-contract.ts'

/** Accepts a refusal, which a fixture may record. Throws any other error. */
const refusals = (error: unknown): void => {
  if (!ConnectorError.is(error)) throw error
}

/** Runs the call of a fixture through the real pipeline, and returns what went over the wire. */
export async function exchangesOf(
  connector: Connector,
  { tool, input, responses }: Fixture,
): Promise<readonly Exchange[]> {
  const transport = scriptedTransport(responses)
  // A tool may wait between two requests.
  const clock = createFakeClock()
  const mcp = createMcpClient({ connectors: { provider: connector }, transport, clock, retry: { attempts: 1 } })
  const call = mcp.client('provider', 'ada').invoke(tool, input, { maxPages: responses.length })
  await clock.until(call.catch(refusals))
  await mcp.close()
  transport.verify()
  return transport.requests.map(({ method, url, json, form }, index) => ({
    method,
    url,
    ...((json ?? form) !== undefined && { requestBody: json ?? form }),
    status: responses[index]?.status ?? 200,
    responseBody: responses[index]?.json,
  }))
}
