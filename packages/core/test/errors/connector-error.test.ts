import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { causeOf, codes, ConnectorError } from '@mcpclient/core'
import type { ErrorCode, ErrorDetails } from '@mcpclient/core'

describe('ConnectorError', () => {
  const cause = new Error('authorization: Bearer canary')
  const error = new ConnectorError('TIMEOUT', 'Too slow.', { serverId: 'x', retryAfterMs: 5 }, { cause })

  it('prints nothing of its cause', () => {
    const shown = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error), error.stack]
    expect(shown.join()).not.toContain('canary')
    expect(error.cause).toBeUndefined()
    expect(causeOf(error)).toBe(cause)
    expect(causeOf(error.with({ attempts: 2 }))).toBe(cause)
  })

  it('is recognized across two copies of the package', () => {
    class Copy extends Error {}
    const other: unknown = Object.assign(new Copy('x'), { [Symbol.for('@mcpclient/error')]: true })
    expect(ConnectorError.is(other)).toBe(true)
    expect(ConnectorError.is(new Error('x'))).toBe(false)
    expect(ConnectorError.is(null)).toBe(false)
  })

  it('has its own hint, or the hint of its code', () => {
    expect(error.advice).toBe(codes.TIMEOUT.advice)
    expect(error.with({ hint: 'Ask for less.' }).advice).toBe('Ask for less.')
    expect(error.toJSON()).toMatchObject({ code: 'TIMEOUT', type: 'timeout', retryable: true, advice: error.advice })
  })

  it.each(Object.keys(codes) as ErrorCode[])('has a type, a status and a hint for %s', (code) => {
    const { type, status, advice } = codes[code]
    expect(type).toMatch(/^[a-z_]+$/)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(advice).toMatch(/\.$/)
  })

  const every = {
    issues: [{ path: 'items.0', message: 'Too long' }],
    providerMessage: 'No.',
    providerCode: 'no',
    requestId: 'r1',
    retryAfterMs: 5,
    outcome: 'not_processed',
    status: 400,
    choices: ['a'],
    scopes: ['s'],
    reason: 'needs_scope',
    authorizeUrl: 'https://provider.example/authorize?state=canary',
    method: 'GET',
    path: '/v1',
    attempts: 1,
    completedSteps: 1,
  } as const satisfies ErrorDetails
  const names = Object.keys(every) as (keyof typeof every)[]
  const rows = (Object.keys(codes) as ErrorCode[]).flatMap((code) => names.map((name) => [code, name] as const))

  it.each(rows)('gives no hint for %s about %s if it is absent', (code, name) => {
    const { [name]: _absent, ...details } = every
    expect(new ConnectorError(code, 'x', details).advice.toLowerCase()).not.toContain(about[name] ?? name.toLowerCase())
    expect(new ConnectorError(code, 'x').advice.toLowerCase()).not.toContain(about[name] ?? name.toLowerCase())
  })

  it.each(Object.keys(codes) as ErrorCode[])('suggests no repeat for %s while its outcome is unknown', (code) => {
    const unknown = new ConnectorError(code, 'x', { ...every, outcome: 'unknown' })
    expect(unknown.retryable).toBe(false)
    expect(unknown.advice).toBe('Check at the provider whether the write happened before you send it again.')
    expect(unknown.toJSON()).toMatchObject({ retryable: false, advice: unknown.advice })
  })

  it.each(['NOPE', 'constructor', '__proto__', ''])('is an internal error if its code is "%s"', (code) => {
    const unknown = new ConnectorError(code as ErrorCode, 'x')
    expect(unknown).toMatchObject({ code: 'API_INTERNAL_ERROR', status: 500, type: 'internal', retryable: false })
  })

  it('prints its name, code, message and details readably, without a secret', () => {
    const issues = [{ path: 'items.0.name', message: 'Too long' }]
    const shown = inspect(new ConnectorError('INVALID_INPUT', 'No.', { ...every, issues }, { cause }))
    expect(shown).toMatch(/^ConnectorError: No\.\n/)
    expect(shown).toContain("code: 'INVALID_INPUT'")
    expect(shown).toContain("{ path: 'items.0.name', message: 'Too long' }")
    expect(shown).not.toMatch(/\[Object\]|canary|_ConnectorError/)
    expect(
      inspect({ a: { b: { c: [new ConnectorError('TIMEOUT', 'No.', { issues })] } } }, { depth: 9 }),
    ).not.toContain('[Object]')
  })

  it('keeps its name when a bundler renames the class', () => {
    expect(ConnectorError.name).toBe('ConnectorError')
    expect(new ConnectorError('TIMEOUT', 'No.').stack).toMatch(/^ConnectorError: No\./)
    expect(String(new ConnectorError('TIMEOUT', 'No.'))).toBe('ConnectorError: No.')
  })
})

/** Returns how a hint would mention a detail. */
const about: Readonly<Record<string, string>> = {
  providerMessage: 'provider names',
  requestId: 'request id',
  outcome: '\n',
  status: '\n',
  path: '\n',
  method: '\n',
  scopes: 'scope',
}
