import { createFakeClock, errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { causeOf, ConnectorClient, ConnectorError, createMcpClient, TransportError } from '@mcpclient/core'
import type { Call, ClientHost, Clock, ConnectorTypes, CustomConnector, Exchange } from '@mcpclient/core'
import { noAuth } from '@mcpclient/core/define'

type Run = Exchange['run']

/** The client of a service without HTTP. */
class QueueClient extends ConnectorClient {
  readonly #run: Run

  constructor(host: ClientHost, run: Run) {
    super(host)
    this.#run = run
  }

  listTools() {
    return Promise.resolve([])
  }

  protected async perform(call: Call): Promise<unknown> {
    const exchange: Exchange = { method: 'EXCHANGE', path: 'publish', run: this.#run }
    const { status, headers, body } = await this.host.request(call, exchange, { effect: 'write' })
    return { status, type: headers.get('content-type'), body }
  }
}

/** Calls a tool whose only exchange is `run`. */
function publish(run: Run, input: unknown = {}, clock?: Clock) {
  const queue: CustomConnector<ConnectorTypes, QueueClient> = {
    profile: { id: 'queue', name: 'Queue', auth: noAuth },
    settings: {},
    parseSettings: () => ({}),
    baseUrl: () => 'https://queue.example/',
    mount: () => ({ open: (host) => new QueueClient(host, run) }),
  }
  const mcp = createMcpClient({ connectors: { queue }, clock, retry: { attempts: 1 } })
  return mcp.as('ada').queue.invoke('publish', input, { requestId: 'r-1' })
}

const fails =
  (failure: Error): Run =>
  () =>
    Promise.reject(failure)

describe('an exchange', () => {
  it('is a reply with the status 200, no headers and the value that it resolves to', async () => {
    expect(await publish(async ({ requestId }) => ({ requestId }))).toEqual({
      status: 200,
      type: null,
      body: { requestId: 'r-1' },
    })
  })

  it('starts no timer if it is extended after its end', async () => {
    const clock = createFakeClock()
    const extensions: (() => void)[] = []
    await publish(
      async ({ extend }) => {
        extend()
        extensions.push(extend)
      },
      {},
      clock,
    )
    expect(extensions).toHaveLength(1)
    for (const extend of extensions) extend()
    expect(clock.pending).toBe(0)
  })

  it.each([
    [true, 'OUTCOME_UNKNOWN', 'unknown'],
    [false, 'MCP_CONNECTION_ERROR', 'not_processed'],
  ])('maps a transport failure with sent: %s to %s', async (sent, code, outcome) => {
    const failure = new TransportError('cut', { sent })
    const error = await errorOf(publish(fails(failure)))
    expect(error).toMatchObject({ code, details: { serverId: 'queue', outcome } })
  })

  it('is not processed if the transport proves that nothing was sent, although it was started', async () => {
    const failure = new TransportError('refused', { sent: false, reason: 'refused' })
    const error = await errorOf(
      publish(({ sent }) => {
        sent(true)
        return Promise.reject(failure)
      }),
    )
    expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', details: { outcome: 'not_processed' } })
    expect(error.message).toBe('queue could not be reached.')
    expect(causeOf(error)).toBe(failure)
  })

  it.each([
    ['by default', () => undefined, 'unknown'],
    ['as it was reported', (sent: (seen: boolean) => void) => sent(false), 'not_processed'],
  ])('fails for its own reason with an outcome %s', async (_how, report, outcome) => {
    const error = await errorOf(
      publish(({ sent }) => {
        report(sent)
        return Promise.reject(new ConnectorError('MCP_CONNECTION_ERROR', 'The queue is gone.'))
      }),
    )
    expect(error.details.outcome).toBe(outcome)
  })

  it('is INVALID_INPUT with the path of a value that cannot be encoded', async () => {
    const cause = new TypeError('Do not know how to serialize a BigInt')
    const error = await errorOf(publish(fails(cause), { size: 1n }))
    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      details: { issues: [{ path: 'size' }], outcome: 'not_processed' },
    })
    expect(causeOf(causeOf(error))).toBe(cause)
  })
})
