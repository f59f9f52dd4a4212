import { describe, expect, it } from 'vitest'
import { causeOf, createMcpClient } from '@mcpclient/core'
import { errorOf } from '@mcpclient/testing'
import { mcpServer } from '@mcpclient/mcp'
import { unreachable } from '../../src/failures/unreachable.ts'
import { thingsToClose } from '../support/things-to-close.ts'

const toClose = thingsToClose()

describe('a server that cannot be reached', () => {
  it.each([
    ['ENOTFOUND', 'CONFIGURATION_ERROR', 'there is no such host', 'name_not_found'],
    ['EAI_AGAIN', 'MCP_CONNECTION_ERROR', 'its host name could not be resolved', 'name_not_found'],
    ['ECONNREFUSED', 'MCP_CONNECTION_ERROR', 'the connection was refused', 'refused'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'MCP_CONNECTION_ERROR', 'its certificate was not accepted', 'certificate'],
    ['CERT_HAS_EXPIRED', 'MCP_CONNECTION_ERROR', 'its certificate was not accepted', 'certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'MCP_CONNECTION_ERROR', 'its certificate was not accepted', 'certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'MCP_CONNECTION_ERROR', 'the TLS handshake failed', 'tls'],
  ])('is reported with the reason for %s, and that nothing was sent', async (system, code, why, reason) => {
    const cause = Object.assign(new Error('of the system'), { code: system })
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause }))
    const docs = mcpServer({ url: 'https://docs.example/mcp', fetch })
    const mcp = toClose(createMcpClient({ connectors: { docs }, retry: { attempts: 1 } }))
    const failure = await errorOf(mcp.as('ada').docs.call('echo', {}))
    expect(failure).toMatchObject({
      code,
      message: `docs could not be reached: ${why}.`,
      details: { reason, outcome: 'not_processed' },
    })
    expect(failure.details.hint).toBeDefined()
  })

  it.each([
    [
      'with a reason',
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
    ],
    ['without a reason', new TypeError('fetch failed')],
  ])('has the error of fetch as its cause, %s', (_how, error) => {
    const url = new URL('https://docs.example/mcp')
    expect(causeOf(unreachable(error, url, { headers: { accept: 'text/plain' } }, 'docs'))).toBe(error)
  })

  it('is not tried again behind a port that fetch blocks', async () => {
    const docs = mcpServer({ url: 'http://127.0.0.1:6000/mcp' })
    const mcp = toClose(createMcpClient({ connectors: { docs }, retry: { baseMs: 1, maxMs: 2 } }))
    expect(await errorOf(mcp.as('ada').docs.call('echo', {}))).toMatchObject({
      code: 'CONFIGURATION_ERROR',
      message: 'docs could not be reached: fetch does not connect to its port.',
      details: { reason: 'blocked_port', attempts: 1, outcome: 'not_processed' },
    })
  })
})
