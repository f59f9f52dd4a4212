import { describe, expect, it } from 'vitest'
import { TransportError } from '@mcpclient/core'
import { transportError } from '@mcpclient/core/transports'
import type { TransportRequest } from '@mcpclient/core'

const request: TransportRequest = { method: 'GET', url: 'https://api.example/x', headers: {} }
const coded = (code: string, more: object = {}) => Object.assign(new Error('It failed.'), { code, ...more })
const around = (cause: unknown) => new TypeError('fetch failed', { cause })

function classified(error: unknown, changes: Partial<TransportRequest> = {}) {
  const failure = transportError(error, { ...request, ...changes })
  return failure instanceof TransportError ? [failure.reason, failure.sent] : failure
}

describe('the failure of a request', () => {
  it.each([
    ['a refused connection', around(coded('ECONNREFUSED')), 'refused'],
    ['an unknown host', around(coded('ENOTFOUND')), 'name_not_found'],
    ['one address of several', around(new AggregateError([coded('ECONNREFUSED')])), 'refused'],
    ['an expired certificate', around(coded('CERT_HAS_EXPIRED')), 'certificate'],
    ['a failed handshake', around(coded('ERR_SSL_WRONG_VERSION_NUMBER')), 'tls'],
    ['another failure to connect', around(coded('EHOSTDOWN', { syscall: 'connect' })), 'unreachable'],
    ['a connection that takes too long', around(coded('ETIMEDOUT', { syscall: 'connect' })), 'connect_timeout'],
    ['the words of a runtime without codes', new TypeError('bad port'), 'blocked_port'],
  ])('was never sent after %s', (_what, error, reason) => {
    expect(classified(error)).toEqual([reason, false])
  })

  it.each([
    ['a connection that was reset', around(coded('ECONNRESET'))],
    ['a timeout of an open connection', around(coded('ETIMEDOUT', { syscall: 'read' }))],
    ['a failure that says nothing', new TypeError('fetch failed')],
  ])('may have been sent after %s', (_what, error) => {
    expect(classified(error)).toEqual([undefined, true])
  })

  it.each([
    ['a header that is not HTTP', { headers: { 'x-a': 'a\nb' } }],
    ['a method that is not HTTP', { method: 'G T' }],
    ['a GET with a body', { body: 'x' }],
  ])('was never sent with %s, whatever the error is', (_what, changes) => {
    expect(classified(new TypeError('fetch failed'), changes)).toEqual(['invalid_request', false])
  })

  it('may have been sent with a body that the method allows', () => {
    expect(classified(new TypeError('fetch failed'), { method: 'POST', body: 'x' })).toEqual([undefined, true])
  })

  it.each([
    ['ftp://api.example/x', 'unsupported_scheme'],
    ['api.example/x', 'invalid_request'],
  ])('was never sent to %s', (url, reason) => {
    expect(classified(around(coded('ECONNRESET')), { url })).toEqual([reason, false])
  })

  it('has the message of the error, and the error as its cause', () => {
    const error = around(coded('ECONNREFUSED'))
    expect(transportError(error, request)).toMatchObject({ message: 'fetch failed', cause: error })
  })
})

describe('an error that is no failure of the network', () => {
  it('is the reason of the signal once that has aborted', () => {
    const reason = new Error('The host gave up.')
    expect(classified(around(coded('ECONNREFUSED')), { signal: AbortSignal.abort(reason) })).toBe(reason)
  })

  it.each([
    ['an AbortError', new DOMException('Aborted.', 'AbortError')],
    ['a TransportError', new TransportError('gone', { sent: true })],
    ['a value that is no error', 'gone'],
  ])('is returned as it is if it is %s', (_what, error) => {
    expect(transportError(error, request)).toBe(error)
  })
})
