import { describe, expect, it } from 'vitest'
import { causeOf, TransportError } from '@mcpclient/core'
import type { TransportFailureReason } from '@mcpclient/core'
import { connectionFailure } from '../../src/pipeline/connection-failure.ts'

const failed = (reason: TransportFailureReason | undefined, cause?: unknown) =>
  new TransportError('It failed with header x-key: k1.', { sent: false, reason, cause })

describe('a transport failure', () => {
  it.each([
    ['blocked_port', 'fetch does not connect to https://api.example:6000: its port is blocked.'],
    ['unsupported_scheme', 'fetch does not connect to https://api.example:6000: its scheme is unsupported.'],
    ['tls', 'any could not be reached securely at https://api.example:6000: the TLS handshake failed.'],
    ['certificate', 'any could not be reached securely at https://api.example:6000: the certificate was not accepted.'],
    ['refused', 'any could not be reached at https://api.example:6000.'],
    [undefined, 'any could not be reached at https://api.example:6000.'],
  ] as const)('names the origin for the reason %s', (reason, message) => {
    const failure = failed(reason)
    const error = connectionFailure(failure, 'any', 'https://api.example:6000')
    expect(error.message).toBe(message)
    expect(error.details.reason).toBe(reason)
    expect(causeOf(error)).toBe(failure)
  })

  it.each([
    ['blocked_port', 'fetch does not connect to any: its port is blocked.'],
    ['tls', 'any could not be reached securely at any: the TLS handshake failed.'],
    ['refused', 'any could not be reached.'],
  ] as const)('names the server if no origin is known for the reason %s', (reason, message) => {
    expect(connectionFailure(failed(reason), 'any').message).toBe(message)
  })

  it.each([
    ['invalid_request', 'CONFIGURATION_ERROR', 'not_processed'],
    ['blocked_port', 'CONFIGURATION_ERROR', 'not_processed'],
    ['unsupported_scheme', 'CONFIGURATION_ERROR', 'not_processed'],
    ['certificate', 'MCP_CONNECTION_ERROR', undefined],
    ['name_not_found', 'MCP_CONNECTION_ERROR', undefined],
    ['unreachable', 'MCP_CONNECTION_ERROR', undefined],
    ['connect_timeout', 'MCP_CONNECTION_ERROR', undefined],
  ] as const)('maps the reason %s to %s with the outcome %s', (reason, code, outcome) => {
    const error = connectionFailure(failed(reason), 'any', 'https://api.example')
    expect([error.code, error.details.outcome, error.details.reason]).toEqual([code, outcome, reason])
    expect(error.message).not.toContain('k1')
  })

  it.each([
    ['invalid_request', /headers, the method and the path/],
    ['blocked_port', /another address/],
    ['unsupported_scheme', /another transport/],
    ['certificate', /NODE_EXTRA_CA_CERTS/],
    ['tls', /NODE_EXTRA_CA_CERTS/],
  ] as const)('has a hint for the reason %s', (reason, hint) => {
    expect(connectionFailure(failed(reason), 'any').details.hint).toMatch(hint)
  })
})

describe('a rejected certificate', () => {
  const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code })
  const reasonOf = (cause: unknown) =>
    /: (.*)\.$/.exec(connectionFailure(failed('certificate', cause), 'any').message)?.[1]

  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
    ['CERT_HAS_EXPIRED', 'the certificate has expired'],
    ['CERT_NOT_YET_VALID', 'the certificate is not valid yet'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate belongs to another host name'],
    ['CERT_REVOKED', 'the certificate has been revoked'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate comes from an unknown authority'],
  ])('is explained by the code %s', (code, why) => {
    expect(reasonOf(withCode(code))).toBe(why)
  })

  it('is explained by a cause up to four levels deep', () => {
    const below = (levels: number): unknown =>
      levels === 0 ? withCode('CERT_HAS_EXPIRED') : new Error('x', { cause: below(levels - 1) })
    expect(reasonOf(below(3))).toBe('the certificate has expired')
    expect(reasonOf(below(4))).toBe('the certificate was not accepted')
  })
})
