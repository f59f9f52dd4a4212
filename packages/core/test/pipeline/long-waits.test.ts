import { errorOf, createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { demo } from '../demo-connector.ts'

const DAY_MS = 24 * 3_600_000
const YEAR_MS = 365 * DAY_MS

function setUp(headers: Readonly<Record<string, string>>, status: number) {
  const clock = createFakeClock()
  let calls = 0
  const transport = scriptedTransport(() => (calls++ === 0 ? { status, headers } : { json: { id: 'n', text: 'x' } }))
  const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, clock, transport, random: () => 0 })
  return { clock, transport, notes: mcp.as('ada').notes }
}

const long: readonly (readonly [name: string, value: string])[] = [
  ['retry-after', '31536001'],
  ['retry-after', '99999999'],
  ['retry-after', '9'.repeat(400)],
  ['retry-after', 'Fri, 31 Dec 9999 23:59:59 GMT'],
  ['retry-after', 'Friday, 31-Dec-70 23:59:59 GMT'],
  ['retry-after', 'Fri Dec 31 23:59:59 9999'],
  ['retry-after', '9999-12-31T23:59:59Z'],
  ['retry-after-ms', '31536000001'],
  ['x-ratelimit-reset', '9999-12-31T23:59:59Z'],
  ['x-ratelimit-reset', '253402300799'],
  ['x-ratelimit-reset', '99999h0m0s'],
  ['ratelimit', '"a";r=0;t=999999999'],
  ['x-business-use-case-usage', '{"1":[{"call_count":100,"estimated_time_to_regain_access":999999999}]}'],
]

describe.each([429, 503])('a wait of more than a year after %i', (status) => {
  it.each(long.filter(([name]) => status === 429 || name.startsWith('retry-after')))(
    'in %s: %s fails at once with the longest wait',
    async (name, value) => {
      const { clock, transport, notes } = setUp({ 'x-ratelimit-remaining': '0', [name]: value }, status)
      const error = await errorOf(clock.until(notes.call('get_note', { id: 'x' })))
      expect(error.details.retryAfterMs).toBe(YEAR_MS)
      expect(error.advice).toContain('365 days or more')
      expect(transport.requests).toHaveLength(1)
      expect(clock.monotonic()).toBe(0)
    },
  )
})

describe('a long wait', () => {
  it('is reported unchanged below a year', async () => {
    const { clock, notes } = setUp({ 'retry-after': '172800' }, 429)
    const error = await errorOf(clock.until(notes.call('get_note', { id: 'x' })))
    expect(error.details.retryAfterMs).toBe(2 * DAY_MS)
    expect(error.advice).not.toContain('365 days')
  })

  it('blocks other calls for a day at most, and then calls the provider again', async () => {
    const { clock, notes, transport } = setUp({ 'retry-after': '31536001' }, 429)
    await errorOf(clock.until(notes.call('get_note', { id: 'x' })))
    expect(await errorOf(notes.call('get_note', { id: 'x' }))).toMatchObject({
      code: 'MCP_RATE_LIMIT_EXCEEDED',
      details: { retryAfterMs: DAY_MS, outcome: 'not_processed' },
    })
    await clock.advance(DAY_MS)
    await notes.call('get_note', { id: 'x' })
    expect(transport.requests).toHaveLength(2)
  })
})

describe('an invalid wait', () => {
  it.each(['-5', '1e999', 'soon', '', 'NaN', 'Thu, 01 Jan 1970 00:00:00 GMT', '2020-01-01T00:00:00Z'])(
    'leaves the wait to the back-off: Retry-After: %s',
    async (value) => {
      const { clock, notes, transport } = setUp({ 'retry-after': value }, 429)
      await clock.until(notes.call('get_note', { id: 'x' }))
      expect(transport.requests).toHaveLength(2)
    },
  )

  it.each(['1767225600123456', '1767225600123456789'])(
    'is ignored instead of a wait of centuries: epoch time %s',
    async (reset) => {
      // 2026-01-01T00:00:00.123Z in microseconds and nanoseconds.
      const { clock, notes } = setUp({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, 429)
      await clock.until(notes.call('get_note', { id: 'x' }))
      expect(clock.monotonic()).toBeLessThan(1000)
    },
  )
})
