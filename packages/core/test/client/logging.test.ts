import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import type { Logger } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { demo } from '../demo-connector.ts'

interface Line {
  readonly level: string
  readonly message: string
  readonly event?: unknown
  readonly [field: string]: unknown
}

function logged(answers: Parameters<typeof scriptedTransport>[0], isLevelEnabled?: Logger['isLevelEnabled']) {
  const lines: Line[] = []
  const at = (level: string) => (fields: object, message: string) => lines.push({ level, message, ...fields })
  const logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    ...(isLevelEnabled && { isLevelEnabled }),
  }
  const mcp = createMcpClient({
    connectors: { demo: demo() },
    vault: vault(),
    transport: scriptedTransport(answers),
    clock: createFakeClock(),
    retry: { attempts: 1 },
    breaker: { minimumCalls: 1 },
    logger,
  })
  const client = mcp.as({ tenant: 'ada', user: 'u1', agent: 'a1' }).demo
  return { lines, mcp, client, events: () => lines.map(({ event, level }) => `${String(event)} ${level}`) }
}

const me = { json: { id: '1', name: 'Ada' } }
const note = { json: { id: 'n1', text: 'secret text' } }

describe('the log', () => {
  it('has another request id for each call, which is not redacted', async () => {
    const { client, lines } = logged([me, ...Array.from({ length: 50 }, () => note)])
    await client.connect({ token: 'heron-4417' })
    for (let call = 0; call < 50; call += 1) await client.call('get_note', { id: 'n1' })
    const ids = lines.filter(({ event }) => event === 'call.finished').map(({ requestId }) => String(requestId))
    expect(new Set(ids).size).toBe(50)
    expect(ids.filter((id) => !/^[0-9a-z]{13,19}$/.test(id))).toEqual([])
  })

  it('has one line for each connect, call and disconnect, and no input, response or credential', async () => {
    const { client, lines, events } = logged([me, note])
    await client.connect({ token: 'heron-4417' })
    await client.call('get_note', { id: 'n1' }, { requestId: 'r1' })
    await client.disconnect()
    expect(events()).toEqual(['connection.connected info', 'call.finished info', 'connection.disconnected info'])
    expect(lines[1]).toEqual({
      level: 'info',
      message: 'A call succeeded.',
      event: 'call.finished',
      serverId: 'demo',
      toolName: 'get_note',
      tenant: 'ada',
      user: 'u1',
      agent: 'a1',
      connection: 'default',
      requestId: 'r1',
      effect: 'read',
      status: 'success',
      code: undefined,
      durationMs: 0,
    })
    expect(JSON.stringify(lines)).not.toMatch(/heron|secret text/)
  })

  it('has one line for a failed call, and for a breaker that opens', async () => {
    const { client, lines, events } = logged([me, { status: 500, json: { message: 'Out of order.' } }])
    await client.connect({ token: 'heron-4417' })
    await errorOf(client.call('get_note', { id: 'n1' }))
    expect(events()).toEqual(['connection.connected info', 'breaker.opened warn', 'call.finished warn'])
    expect(lines[2]).toMatchObject({
      status: 'error',
      code: 'MCP_SERVER_ERROR',
      error: { details: { providerMessage: 'Out of order.' } },
    })
  })

  it('has a line for a refused credential, a refused callback and a refused input', async () => {
    const { client, mcp, lines, events } = logged([{ status: 401, json: {} }])
    await errorOf(client.connect({ token: 'heron-4417' }))
    await errorOf(mcp.completeAuthorization('https://app.example/cb?state=nope&code=x', { tenant: 'ada', user: 'u1' }))
    await errorOf(client.call('get_note', { idd: 'n1' } as never))
    expect(events().filter((event) => !event.startsWith('breaker'))).toEqual([
      'operation.failed warn',
      'callback.refused warn',
      'call.finished warn',
    ])
    expect(lines[0]).toMatchObject({ operation: 'Connecting', error: { code: 'MCP_AUTHENTICATION_FAILURE' } })
  })

  it('computes nothing for a successful call whose level is disabled', async () => {
    const { client, lines } = logged([me, note], (level) => level === 'warn')
    await client.connect({ token: 'heron-4417' })
    await client.call('get_note', { id: 'n1' })
    expect(lines).toEqual([])
  })
})
