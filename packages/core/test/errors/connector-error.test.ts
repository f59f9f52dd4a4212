import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { causeOf, codes, ConnectorError } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'

describe('ConnectorError', () => {
  const cause = new Error('authorization: Bearer canary')
  const error = new ConnectorError('TIMEOUT', 'Too slow.', { serverId: 'x', retryAfterMs: 5 }, { cause })

  it('shows nothing of its cause, wherever it is printed', () => {
    const shown = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error), error.stack]
    expect(shown.join()).not.toContain('canary')
    expect(error.cause).toBeUndefined()
    expect(causeOf(error)).toBe(cause)
    expect(causeOf(error.with({ attempts: 2 }))).toBe(cause)
  })

  it('is recognised across two copies of the package', () => {
    class Copy extends Error {}
    const other: unknown = Object.assign(new Copy('x'), { [Symbol.for('@mcpclient/error')]: true })
    expect(ConnectorError.is(other)).toBe(true)
    expect(ConnectorError.is(new Error('x'))).toBe(false)
    expect(ConnectorError.is(null)).toBe(false)
  })

  it('says what to do: its own hint first, else the row of the table', () => {
    expect(error.advice).toBe(codes.TIMEOUT.advice)
    expect(error.with({ hint: 'Ask for less.' }).advice).toBe('Ask for less.')
    expect(error.toJSON()).toMatchObject({ code: 'TIMEOUT', type: 'timeout', retryable: true, advice: error.advice })
  })

  it.each(Object.keys(codes) as ErrorCode[])('%s has a type, a status and advice', (code) => {
    const { type, status, advice } = codes[code]
    expect(type).toMatch(/^[a-z_]+$/)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(advice).toMatch(/\.$/)
  })
})
